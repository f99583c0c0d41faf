-- A row of another table refers to one of the partition, which PostgreSQL then does not detach; to another it does not.
create table orders (id integer primary key) partition by range (id);
create table orders_1 partition of orders for values from (0) to (5);
create table lines (order_id integer references orders);
insert into orders values (1);
insert into lines values (1);

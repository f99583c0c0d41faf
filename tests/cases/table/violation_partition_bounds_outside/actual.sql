-- A row of the second partition has no place in what it is to hold: both stay as they are, and get no check.
create table orders (id integer primary key) partition by range (id);
create table orders_1 partition of orders for values from (0) to (5);
create table orders_2 partition of orders for values from (5) to (20);
insert into orders values (1), (7);

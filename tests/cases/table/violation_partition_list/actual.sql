-- The partitions of a table are others than are listed: one is lacking, one nobody knows, one is by itself.
create table orders (id integer) partition by range (id);
create table orders_1 partition of orders for values from (1) to (10);
create table orders_2 partition of orders for values from (10) to (20);
create table orders_4 (id integer);
create table same (id integer) partition by range (id);
create table same_1 partition of same default;
create table empty (id integer) partition by range (id);
create table full_ (id integer) partition by range (id);
create table full_1 partition of full_ default;

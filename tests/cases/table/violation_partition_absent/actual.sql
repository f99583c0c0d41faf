-- Partitions that must not be there: they are detached beside the traffic first, where there is no default partition.
create table orders (id integer primary key) partition by range (id);
create table orders_1 partition of orders for values from (1) to (10);
create table orders_2 partition of orders for values from (10) to (20);
create table lists (a integer) partition by list (a);
create table lists_1 partition of lists for values in (1);
create table lists_rest partition of lists default;
create table lists_sub partition of lists for values in (2) partition by list (a);
create table lists_sub_2 partition of lists_sub for values in (2);
insert into orders values (1), (11);

-- A table whose rows are outside of the bounds that it should have cannot be attached while it has them.
create table orders (id integer primary key, n integer) partition by range (id);
create table orders_1 (id integer primary key, n integer);
insert into orders_1 values (5, 1), (15, 1), (25, 1);

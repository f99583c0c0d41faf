-- The default partition holds rows of the bounds that are missing: they are in the way, and counted.
create table orders (id integer primary key, n integer) partition by range (id);
create table orders_rest partition of orders default;
insert into orders select g, g from generate_series(1, 25) g;

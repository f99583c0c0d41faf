-- There is a default partition, which holds other rows: it is proven that none is in the way, and then not scanned.
create table orders (id integer primary key, n integer) partition by range (id);
create table orders_rest partition of orders default;
insert into orders select g, g from generate_series(30, 50) g;
create table lists (word varchar(9)) partition by list (word);
create table lists_rest partition of lists default;
insert into lists values ('z'), ('y');
create table wide (a integer, b integer) partition by range (a, b);
create table wide_rest partition of wide default;
insert into wide values (9, 9), (null, 1);

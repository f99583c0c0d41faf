-- Columns in another order, conditions spelled otherwise, names that need quotes, a list and a mapping.
create table orders (id integer primary key, status text, "Weird; Column" integer);
create table items (id integer primary key, status text);
create schema other;
create table other.lines (id integer primary key);
create publication sent for table orders ("Weird; Column", id), items where (id > 10 and id < 20 + 1), other.lines;
create publication filtered for table orders (id, status) where (id in (1, 2));

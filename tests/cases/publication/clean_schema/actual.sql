-- Whole schemas can be published.
create schema app;
create table app.t (id integer primary key);
create table app.parted (id integer primary key) partition by list (id);
create table app.parted_1 partition of app.parted default;
create table u (id integer primary key);
create publication some_of_all for tables in schema app, table u;

-- Whole schemas can be published.
create schema app;
create table app.t (id integer);
create table app.parted (id integer) partition by list (id);
create table app.parted_1 partition of app.parted default;
create table u (id integer);
create publication some_of_all for tables in schema app, table u;

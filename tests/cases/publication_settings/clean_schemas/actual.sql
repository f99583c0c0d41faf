-- Whole schemas, in a list and beside tables.
create schema app;
create schema "Odd; Schema";
create table t (id integer primary key);
create publication sent for tables in schema app, "Odd; Schema", table t;

-- A missing publication is created with its settings before its tables are added.
create table t (id integer primary key);
create publication other for table t;

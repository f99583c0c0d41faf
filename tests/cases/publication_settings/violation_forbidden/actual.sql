-- It goes with its tables.
create table t (id integer primary key);
create publication old for table t;

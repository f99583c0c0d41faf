-- Names in a list say that the publications are there and have PostgreSQL's defaults; what tables they list is not said.
create table t (id integer primary key);
create publication a for table t;
create publication b;

-- Its namesake in another schema is published.
create schema other;
create table t (id integer primary key);
create table other.t (id integer primary key);
create publication p for table other.t;

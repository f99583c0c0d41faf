-- Its namesake in another schema is published.
create schema other;
create table t (id integer);
create table other.t (id integer);
create publication p for table other.t;

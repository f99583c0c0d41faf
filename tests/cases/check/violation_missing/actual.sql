-- Never made.
create table t (n integer);

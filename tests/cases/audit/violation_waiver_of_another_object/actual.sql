-- A waiver covers one rule of one object, and no more.
create table t (id integer, n integer);

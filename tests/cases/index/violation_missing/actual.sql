-- An index of the name is on another table.
create table t (a integer);
create table u (a integer);
create index t_a on u (a);

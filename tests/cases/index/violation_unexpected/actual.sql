-- A partial index does not do the other's work.
create table t (a integer, b integer);
create index t_a on t (a);
create index t_a_partial on t (a) where b > 0;

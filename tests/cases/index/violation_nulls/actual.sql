-- Nulls that are taken for different let duplicates pass.
create table t (a integer);
create unique index t_a on t (a);

-- Nulls that are taken for different let duplicates pass.
create table t (a integer unique, b integer, constraint t_b_key unique nulls not distinct (b));

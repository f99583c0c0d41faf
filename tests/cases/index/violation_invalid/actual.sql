-- autocommit
-- A concurrent build that found duplicates leaves the index behind, invalid.
create table t (a integer);
insert into t values (1), (1);
-- fails
create unique index concurrently t_a on t (a);

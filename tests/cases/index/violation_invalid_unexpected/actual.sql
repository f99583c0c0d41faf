-- autocommit
-- Nobody asked for it, and every write pays for it.
create table t (a integer);
insert into t values (1), (1);
-- fails
create unique index concurrently t_a on t (a);

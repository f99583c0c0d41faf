-- The name does not make it unique.
create table t (a integer);
create index must on t (a);
create unique index must_not on t (a);

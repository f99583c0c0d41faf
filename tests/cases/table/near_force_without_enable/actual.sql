-- FORCE alone does nothing: row security is off.
create table t (id integer);
alter table t force row level security;

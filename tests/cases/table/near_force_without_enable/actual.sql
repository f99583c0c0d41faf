-- FORCE alone does nothing, until row security is enabled: then policies hold for the owner, too.
create table t (id integer);
alter table t force row level security;
create table u (id integer);
alter table u force row level security;
create table v (id integer);
alter table v force row level security;

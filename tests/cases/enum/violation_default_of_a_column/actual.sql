-- The default names a value that is missing: both are reported, and nothing fails.
create type status as enum ('pending');
create table t (s status default 'pending');

-- More than stated, roles that are not named, and what may be granted on.
create schema app;
alter default privileges for role case_owner in schema app grant select, truncate on tables to case_reader;
alter default privileges for role case_owner in schema app grant select on tables to case_login;
alter default privileges for role case_owner in schema app grant usage on types to case_writer with grant option;

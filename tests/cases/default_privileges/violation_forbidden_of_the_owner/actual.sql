-- What the role itself gets is part of what PostgreSQL stores: it may have lost it, have it with grant option, or have it
-- in a schema once more, with others' privileges or alone.
create schema app;
create schema bare;
alter default privileges for role case_owner revoke select on tables from case_owner;
alter default privileges for role case_owner grant select on tables to case_reader;
alter default privileges for role case_writer revoke all on functions from case_writer;
alter default privileges for role case_reader grant all on sequences to case_reader with grant option;
alter default privileges for role case_reader revoke usage on types from case_reader, public;
alter default privileges for role case_owner in schema app grant select on tables to case_owner, case_reader;
alter default privileges for role case_owner in schema bare grant execute on functions to case_owner with grant option;

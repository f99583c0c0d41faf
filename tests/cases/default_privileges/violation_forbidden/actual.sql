-- Both what a role gives by default beyond PostgreSQL's own, and what it withholds, goes.
create schema app;
alter default privileges for role case_owner in schema app grant select, truncate on tables to case_reader;
alter default privileges for role case_owner in schema app grant execute on functions to public;
alter default privileges for role case_writer revoke execute on functions from public;
alter default privileges for role case_writer grant usage on types to case_reader;

-- Both what a role gives by default beyond PostgreSQL's own, and what it withholds, goes; from itself too.
create schema app;
alter default privileges for role case_owner in schema app grant select, truncate on tables to case_reader;
alter default privileges for role case_owner in schema app grant execute on functions to public;
alter default privileges for role case_writer revoke execute on functions from public;
alter default privileges for role case_writer grant usage on types to case_reader;
alter default privileges for role case_reader revoke select on tables from case_reader;
alter default privileges for role case_member revoke select, insert on tables from case_member;
alter default privileges for role case_member grant select on tables to case_reader;
alter default privileges for role case_member in schema app grant usage on sequences to case_member;

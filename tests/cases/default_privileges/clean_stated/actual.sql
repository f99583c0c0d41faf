-- In a schema, and in all: there PostgreSQL's own count, EXECUTE on functions and USAGE on types for PUBLIC.
create schema app;
alter default privileges for role case_owner in schema app grant select, insert on tables to case_reader;
alter default privileges for role case_owner in schema app grant usage on sequences to public;
alter default privileges for role case_owner revoke execute on functions from public;

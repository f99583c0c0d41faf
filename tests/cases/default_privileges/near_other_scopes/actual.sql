-- What a role gets of another role's tables, in another schema, or of sequences, is not what the contract speaks of.
create schema app;
alter default privileges for role case_writer in schema app grant all on tables to case_login;
alter default privileges for role case_owner in schema public grant all on tables to case_login;
alter default privileges for role case_owner in schema app grant all on sequences to case_login;
alter default privileges for role case_owner in schema app grant select on tables to case_reader;

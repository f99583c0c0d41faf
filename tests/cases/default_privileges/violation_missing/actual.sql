-- Tables that are created from now on are closed to the role; the schema of the second entry comes with it.
alter default privileges for role case_owner in schema public grant select on tables to case_reader;

-- A role that the contract does not name has CREATE: a note. One that has only USAGE is not reported, nor is the owner.
create schema app authorization case_owner;
grant usage on schema app to case_reader, case_login;
grant usage, create on schema app to case_writer;

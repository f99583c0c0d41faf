-- A role without USAGE, one with CREATE beyond the contract, one with the grant option, one that may do it all as a member.
create schema app;
grant usage, create on schema app to case_reader;
grant usage on schema app to case_writer with grant option;

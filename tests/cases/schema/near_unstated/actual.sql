-- The owner and the USAGE of roles that the contract does not name are not judged; what the owner has is no grant.
create schema app authorization case_owner;
grant usage on schema app to case_writer with grant option;
grant usage on schema app to public;
create schema other;

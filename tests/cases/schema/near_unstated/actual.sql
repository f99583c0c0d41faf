-- The owner and the USAGE of roles that the contract does not name are not judged; what the owner has is no grant.
-- Nor is CREATE of a superuser, who may create anything without it.
create schema app authorization case_owner;
grant usage on schema app to case_writer with grant option;
grant usage on schema app to public;
grant create on schema app to current_user;
create schema other;

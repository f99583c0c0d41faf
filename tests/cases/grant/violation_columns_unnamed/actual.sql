-- Given on a column only: to everybody, and to a role that the contract does not name.
create table t (n integer, v text);
grant all on t to service_role;
grant select (v) on t to public;
grant update (v) on t to case_reader;

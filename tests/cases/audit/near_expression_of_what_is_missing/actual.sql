-- The check cannot be the expected one, because its column is missing: drift, and not an error of the contract.
create table t (id integer, constraint t_status_check check (id > 0));

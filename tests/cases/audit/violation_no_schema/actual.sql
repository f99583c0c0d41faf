-- A schema is not there: one finding, whatever the contract names in it; the other schemas are compared.
create table t (id integer);

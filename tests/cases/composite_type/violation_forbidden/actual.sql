-- One is the type of a column, which keeps it; the other one is free.
create type used as (a int);
create type free as (a int);
create table t (x used);

-- One is the type of a column, which keeps it.
create type used as range (subtype = float8);
create type free as range (subtype = float8);
create table t (x used);

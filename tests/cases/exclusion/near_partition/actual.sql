-- PostgreSQL 17 and later: a partition has what its parent has, and needs no line of its own.
create table parts (k integer, during tsrange, constraint parts_excl exclude using btree (k with =))
  partition by list (k);
create table parts_1 partition of parts for values in (1);

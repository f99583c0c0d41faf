-- What the contract says cannot be: OLD in an insert, a column that is not there; one is there, one is missing.
create table t (id integer);
create rule there as on insert to t do also notify heard;

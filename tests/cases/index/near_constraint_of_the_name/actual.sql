-- The index of a key belongs to the key.
create table t (a integer unique);

-- The name is taken by a unique constraint: a check is missing, and a key is unexpected.
create table t (a integer constraint t_a unique);

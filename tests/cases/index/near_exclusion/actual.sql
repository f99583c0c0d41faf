-- The index of an exclusion constraint belongs to the constraint.
create table t (r int4range, exclude using gist (r with &&));
create index t_a on t using gist (r);

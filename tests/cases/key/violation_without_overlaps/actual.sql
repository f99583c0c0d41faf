-- The same columns, and other rows are refused.
create table t (id int4range, during tsrange, constraint t_pkey primary key (id, during without overlaps),
  constraint t_key unique (id, during));

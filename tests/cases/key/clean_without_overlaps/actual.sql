-- From PostgreSQL 18 on, a key can be kept for each moment. A range is enough of a key to need no extension.
create table t (id int4range, during tsrange, constraint t_pkey primary key (id, during without overlaps));

-- A dump prints casts that, read back, print otherwise again; and PostgreSQL takes the table's own schema before a column.
create table t (a varchar(20), id integer,
  constraint one_of check (((a)::text = any (array[('x'::character varying)::text, ('y'::character varying)::text]))),
  constraint own check (public.t.id > 0));

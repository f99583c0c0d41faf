-- Declared absent, and there; `absent` alone does not tell what sort of constraint it was.
create table t (id integer, email text unique);

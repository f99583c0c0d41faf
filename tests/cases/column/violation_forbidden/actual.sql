-- Declared absent, and there.
create table t (id integer, password text);

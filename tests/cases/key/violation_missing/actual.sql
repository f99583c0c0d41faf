-- Neither is there.
create table t (id integer, email text);

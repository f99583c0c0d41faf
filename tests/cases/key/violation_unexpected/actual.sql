-- A note: it may refuse rows.
create table t (id integer primary key, email text unique);

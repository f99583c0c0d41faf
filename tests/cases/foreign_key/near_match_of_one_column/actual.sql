-- The defaults spelled out.
create table b (id integer primary key);
create table a (b integer constraint a_b_fkey references b (id));

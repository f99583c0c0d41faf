-- The primary key has a covering column; and a unique constraint on the same column may carry the foreign key.
create table b (id integer, name text, primary key (id) include (name));
create table c (id integer constraint aaa unique, constraint zzz primary key (id));
create table a (b integer constraint a_b_fkey references b, c integer constraint a_c_fkey references c (id));

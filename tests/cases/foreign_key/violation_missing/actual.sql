-- It is on another table.
create table b (id integer primary key);
create table a (b integer);
create table other_a (b integer constraint a_b_fkey references b on delete cascade);

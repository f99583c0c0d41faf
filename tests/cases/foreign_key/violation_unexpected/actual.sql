-- A second one over the same columns is another foreign key.
create table b (id integer primary key);
create table a (b integer constraint a_b_fkey references b constraint twice references b on delete cascade);

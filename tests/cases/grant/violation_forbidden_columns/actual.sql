-- Nothing is granted on the table, and yet the role reads and changes a column of it.
create table t (id integer, email text);
grant select (email), update (email) on t to case_reader;

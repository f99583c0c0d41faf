-- A privilege on a column is none on the table.
create table t (n integer, secret text);
grant select (n) on t to case_reader;

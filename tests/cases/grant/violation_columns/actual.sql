-- A column too few, one too many, the whole table instead of a column, and a column instead of the whole table.
create table t (id integer, name text, note text);
grant select (id), update (name, note) on t to case_reader;
grant select, insert, insert (note) on t to case_owner;
grant select (name), update (id) on t to case_writer;

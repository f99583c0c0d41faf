-- The privileges are the right ones, and may be passed on: on the table, on a column.
create table t (n integer);
grant select on t to case_reader with grant option;
grant update on t to case_reader;
grant update (n) on t to case_reader with grant option;

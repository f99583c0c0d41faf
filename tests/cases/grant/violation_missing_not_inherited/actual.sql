-- A member that does not inherit must switch roles first.
create table t (n integer);
grant insert on t to case_writer;

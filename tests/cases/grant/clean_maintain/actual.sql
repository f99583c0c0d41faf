-- MAINTAIN came with PostgreSQL 17; `all` neither asks for it nor minds it.
create table t (n integer);
grant all on t to case_reader;
grant maintain on t to case_writer;

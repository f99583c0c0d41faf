-- Given directly, or come by through another role: an error either way.
create table t (n integer);
grant select, update on t to case_reader;
grant select on t to case_writer;

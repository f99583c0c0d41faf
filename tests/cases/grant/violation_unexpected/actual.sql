-- A note for each: one that was named nowhere, and everybody.
create table t (n integer);
grant select on t to case_reader;
grant insert, select on t to case_writer;
grant trigger on t to public;

-- TRUNCATE passes by row security; and an empty list allows nothing.
create table t (n integer);
grant select, insert, truncate on t to case_reader;
grant select on t to public;

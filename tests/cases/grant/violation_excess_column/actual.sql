-- On the table by itself, on a column what PUBLIC has on all of it: both are its own.
create table t (n integer, v text);
grant select, references on t to public;
grant update, references (v) on t to case_reader;

-- A privilege on the table is none on the view.
create table t (n integer);
grant select on t to case_reader;
create view looked_at as select n from t;

-- ANALYZE collects nothing for one, and more than is stated for another.
create table t (a integer, b integer, c integer);
create statistics off on a, b from t;
alter statistics off set statistics 0;
create statistics more on a, c from t;
alter statistics more set statistics 1000;

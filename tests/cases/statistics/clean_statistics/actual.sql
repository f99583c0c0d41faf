-- Some kinds and all of them, a target of its own, a target that nobody states, on a table and on a copy of a query.
create table t (a integer, b text, "c d" integer);
create materialized view m as select a, b from t;
create statistics some_kinds (ndistinct, mcv) on a, b, "c d" from t;
create statistics all_kinds on a, b from t;
create statistics aimed (dependencies) on a, b from t;
alter statistics aimed set statistics 500;
create statistics nothing_stated on b, "c d" from t;
alter statistics nothing_stated set statistics 0;
create statistics of_copy on a, b from m;

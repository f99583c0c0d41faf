-- Other kinds, another column; what is beside the definition stays.
create table t (a integer, b integer, c integer);
create statistics kinds (ndistinct) on a, b from t;
create statistics columns on a, b from t;
alter statistics columns set statistics 50;
comment on statistics columns is 'stays';

-- Expressions, one alone and several beside a column.
create table t (a integer, b text);
create statistics alone on (a * 2) from t;
create statistics several (ndistinct) on lower(b), a, (a + 1) from t;

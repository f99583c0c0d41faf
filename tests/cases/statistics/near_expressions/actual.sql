-- The same expressions in other words; a column in parentheses is a column.
create table t (a integer, b text);
create statistics s on lower(b), (a + 1), a from t;
create statistics p on a, b from t;

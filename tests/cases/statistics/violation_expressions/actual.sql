-- Another expression.
create table t (a integer, b text);
create statistics s on lower(b), a from t;

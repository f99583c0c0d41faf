-- One is wider under its name, one is missing, one nobody knows, and one is known to the server alone. The values fit.
create domain amount as integer
  constraint positive check (value >= 0)
  constraint unknown check (value <> 13)
  constraint bounded check (value between -100 and 100);
create table t (id int primary key, value amount, "VALUE" amount);
insert into t values (1, 5, 7);
create view v as select value from t;

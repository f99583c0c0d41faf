-- A view's columns refuse nothing, whatever their type, and do not block.
create domain required as text not null;
create table t (a required, b required);
create view looked_at as select a, b from t;

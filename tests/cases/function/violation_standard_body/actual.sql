-- Another value; and a text that is a body of its own, which is bound to nothing.
create function two() returns integer return 2 + 1;
create function turned_into_text() returns integer begin atomic select 1; end;
create function named(a integer, b integer) returns integer return a - b;
create table t (id integer);
create function several(integer) returns bigint begin atomic select $1; select count(*) from t; end;
create procedure does(inout a integer) language sql begin atomic select a + 1; end;
-- Arguments of which only some have names are printed as "", whichever they are: that proves nothing.
create function half_named(a integer, integer, integer) returns integer return $2;

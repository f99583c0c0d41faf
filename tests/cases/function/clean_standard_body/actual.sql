-- A body that is SQL and no string; semicolons stand in it.
create function one() returns integer begin atomic select 1; end;
create function two() returns integer immutable return 2;
create function three() returns integer language sql begin atomic select 3; end;
create table t (id integer);
create function four(integer, integer) returns integer return $1*-$2;
create function five(integer) returns bigint begin atomic insert into t values ($1); select count(*) from t; end;
create function six(a integer, out b integer, out c text) begin atomic select 6,'six'; end;
create procedure seven(inout a integer) language sql begin atomic select seven.a+1; end;

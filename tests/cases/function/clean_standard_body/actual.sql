-- A body that is SQL and no string; semicolons stand in it.
create function one() returns integer begin atomic select 1; end;
create function two() returns integer immutable return 2;
create function three() returns integer language sql begin atomic select 3; end;

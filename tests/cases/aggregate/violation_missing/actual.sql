-- A missing aggregate is created after the function that it calls, and before the view that uses it.
create table own (amount integer);
create aggregate other(integer) (sfunc = int4pl, stype = integer);

-- A function of the name is no aggregate, and an aggregate of other arguments is another one.
create function total(integer) returns integer language sql as 'select $1';
create aggregate other_total(integer) (sfunc = int4pl, stype = integer);

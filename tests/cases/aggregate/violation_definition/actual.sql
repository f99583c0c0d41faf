-- What is replaced in place keeps its view; what returns another type is made anew, with its grants and its comment.
create table own (amount integer);
create function add(integer, integer) returns integer language sql immutable as 'select $1 + $2';
create aggregate total(integer) (sfunc = add, stype = integer, initcond = '0');
create aggregate other_type(integer) (sfunc = int4pl, stype = integer);
create aggregate by_other(integer) (sfunc = int4larger, stype = integer, sortop = >);
create aggregate elsewhere(integer) (sfunc = int4pl, stype = integer);
create aggregate used(integer) (sfunc = int4pl, stype = integer);
create aggregate in_parallel(integer) (sfunc = int4pl, stype = integer);
create function keep(integer, variadic integer[]) returns integer language sql as 'select $1';
create aggregate not_variadic(integer[]) (sfunc = keep, stype = integer);
create view totals as select total(amount) as total, used(amount) as used from own;
comment on aggregate other_type(integer) is 'kept';
revoke execute on function other_type(integer) from public;
grant execute on function other_type(integer) to case_reader;

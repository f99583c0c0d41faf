-- Every option that is not PostgreSQL's default, names with and without their schemas, stars, VARIADIC and ORDER BY.
create schema other;
create type mood as enum ('sad', 'glad');
create function add(integer, integer) returns integer language sql immutable as 'select $1 + $2';
create function other."Odd; Name"(mood, mood) returns mood language sql as 'select $2';
create function keep(integer, variadic integer[]) returns integer language sql as 'select $1';
create aggregate total(integer) (sfunc = add, stype = integer, initcond = '0');
create aggregate last_mood(mood) (sfunc = other."Odd; Name", stype = mood);
create aggregate counted(*) (sfunc = int8inc, stype = int8, initcond = '0', parallel = safe);
create aggregate most(integer) (sfunc = int4larger, stype = integer, combinefunc = int4larger, sortop = >, parallel = restricted);
create aggregate averaged(float8) (
  sfunc = float8_accum, stype = float8[], finalfunc = float8_avg, finalfunc_modify = shareable, initcond = '{0,0,0}',
  combinefunc = float8_combine, sspace = 64);
create aggregate listed(variadic integer[]) (sfunc = keep, stype = integer);
create aggregate moving(integer) (
  sfunc = int4pl, stype = integer, msfunc = int4pl, minvfunc = int4mi, mstype = integer, minitcond = '1', initcond = '7');
create aggregate "My; percentile"(float8 order by anyelement) (
  sfunc = ordered_set_transition, stype = internal, finalfunc = percentile_disc_final, finalfunc_extra);
comment on aggregate total(integer) is 'Adds';
create aggregate anything("any") (sfunc = int8inc_any, stype = bigint, initcond = '0');
create aggregate our_rank(variadic "any" order by variadic "any") (
  sfunc = ordered_set_transition_multi, stype = internal, finalfunc = rank_final, finalfunc_extra, hypothetical);

-- EXECUTE that is missing, in excess, of PUBLIC, or may be passed on, also where the arguments are ordered or a star; and
-- missing aggregates, which every role could use if default privileges were left to themselves.
create aggregate locked(integer) (sfunc = int4pl, stype = integer);
revoke execute on function locked(integer) from public;
create aggregate counted(*) (sfunc = int8inc, stype = bigint, initcond = '0');
create aggregate passed_on(integer) (sfunc = int4pl, stype = integer);
revoke execute on function passed_on(integer) from public;
grant execute on function passed_on(integer) to case_reader with grant option;
grant execute on function passed_on(integer) to case_writer;
create aggregate "My; middle"(float8 order by anyelement) (
  sfunc = ordered_set_transition, stype = internal, finalfunc = percentile_disc_final, finalfunc_extra);
alter default privileges grant execute on functions to case_writer;

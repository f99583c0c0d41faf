-- Grants as stated: none at all, through PUBLIC and a role's own, and of an aggregate whose arguments are ordered.
create aggregate total(integer) (sfunc = int4pl, stype = integer);
revoke execute on function total(integer) from public;
create aggregate counted(*) (sfunc = int8inc, stype = bigint, initcond = '0');
grant execute on function counted() to case_reader;
create aggregate "My; middle"(float8 order by anyelement) (
  sfunc = ordered_set_transition, stype = internal, finalfunc = percentile_disc_final, finalfunc_extra);
revoke execute on routine "My; middle"(float8, anyelement) from public;
grant execute on routine "My; middle"(float8, anyelement) to "case ""Odd; %";
create aggregate unstated(integer) (sfunc = int4pl, stype = integer);
grant execute on function unstated(integer) to case_writer;

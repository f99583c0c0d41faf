-- Both are dropped, one of them by its ORDER BY.
create aggregate total(integer) (sfunc = int4pl, stype = integer);
create aggregate "My; percentile"(float8 order by anyelement) (
  sfunc = ordered_set_transition, stype = internal, finalfunc = percentile_disc_final, finalfunc_extra);

-- The function by which a language checks the body of one of its own, with check_function_bodies.
select l.lanvalidator::pg_catalog.regproc::text as validator, p.oid::bigint as oid
  from pg_catalog.pg_proc p
  join pg_catalog.pg_language l on l.oid = p.prolang
 where p.oid = pg_catalog.to_regprocedure(%(signature)s)
   and l.lanvalidator <> 0
   and l.lanname not in ('internal', 'c')  -- of which an aggregate is
 order by 1

-- All installed extensions, wherever their objects are, but for the language that every database has.
select e.extname::text as name
  from pg_catalog.pg_extension e
 where e.extname <> 'plpgsql'
   and pg_catalog.cardinality(%(schemas)s::name[]) > 0
 order by 1

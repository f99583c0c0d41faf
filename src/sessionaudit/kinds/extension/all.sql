-- All installed extensions, with objects in any schema, except the language that every database has.
select e.extname::text as name
  from pg_catalog.pg_extension e
 where e.extname <> 'plpgsql'
   and pg_catalog.cardinality(%(schemas)s::name[]) > 0
 order by 1

-- All servers, which are in no schema, but for those of extensions.
select s.srvname::text as name
  from pg_catalog.pg_foreign_server s
 where pg_catalog.cardinality(%(schemas)s::name[]) > 0
   and not exists (select
                     from pg_catalog.pg_depend d
                    where d.classid = 'pg_catalog.pg_foreign_server'::pg_catalog.regclass
                      and d.objid = s.oid
                      and d.deptype = 'e')
 order by 1

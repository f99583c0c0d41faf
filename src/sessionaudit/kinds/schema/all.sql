-- The schemas of some names, but for those of extensions.
select n.nspname::text as schema
  from pg_catalog.pg_namespace n
 where n.nspname = any (%(schemas)s::name[])
   and not exists (select
                     from pg_catalog.pg_depend d
                    where d.classid = 'pg_catalog.pg_namespace'::pg_catalog.regclass
                      and d.objid = n.oid
                      and d.deptype = 'e')
 order by 1

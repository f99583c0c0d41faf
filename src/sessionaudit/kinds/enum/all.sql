-- All enum types in some schemas, except those of extensions.
select n.nspname::text as schema,
       t.typname::text as name
  from pg_catalog.pg_type t
  join pg_catalog.pg_namespace n on n.oid = t.typnamespace
 where n.nspname = any (%(schemas)s::name[])
   and t.typtype = 'e'
   and not exists (select
                     from pg_catalog.pg_depend d
                    where d.classid = 'pg_catalog.pg_type'::pg_catalog.regclass
                      and d.objid = t.oid
                      and d.deptype = 'e')
 order by 1, 2

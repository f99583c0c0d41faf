-- All relations with columns in some schemas, except those of extensions.
select n.nspname::text as schema,
       c.relname::text as name
  from pg_catalog.pg_class c
  join pg_catalog.pg_namespace n on n.oid = c.relnamespace
 where n.nspname = any (%(schemas)s::name[])
   and c.relkind in ('r', 'p', 'v', 'm', 'f')
   and not exists (select
                     from pg_catalog.pg_depend d
                    where d.classid = 'pg_catalog.pg_class'::pg_catalog.regclass
                      and d.objid = c.oid
                      and d.deptype = 'e')
 order by 1, 2

-- All collations in some schemas, but for those of extensions.
select n.nspname::text as schema,
       l.collname::text as name
  from pg_catalog.pg_collation l
  join pg_catalog.pg_namespace n on n.oid = l.collnamespace
 where n.nspname = any (%(schemas)s::name[])
   and l.collencoding in (-1, (select d.encoding
                                 from pg_catalog.pg_database d
                                where d.datname = pg_catalog.current_database()))
   and not exists (select
                     from pg_catalog.pg_depend d
                    where d.classid = 'pg_catalog.pg_collation'::pg_catalog.regclass
                      and d.objid = l.oid
                      and d.deptype = 'e')
 order by 1, 2

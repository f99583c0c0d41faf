-- All operator classes in some schemas, but for those of extensions.
select distinct n.nspname::text as schema, o.opcname::text as name
  from pg_catalog.pg_opclass o
  join pg_catalog.pg_namespace n on n.oid = o.opcnamespace
 where n.nspname = any (%(schemas)s::name[])
   and not exists (select
                     from pg_catalog.pg_depend d
                    where d.classid = 'pg_catalog.pg_opclass'::pg_catalog.regclass
                      and d.objid = o.oid
                      and d.deptype = 'e')
 order by 1, 2

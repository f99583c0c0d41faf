-- The schemas that belong to nobody but the user: not PostgreSQL's, not an extension's, and none of those that are given.
select n.nspname::text
  from pg_catalog.pg_namespace n
 where n.nspname !~ '^pg_'
   and n.nspname <> 'information_schema'
   and n.nspname <> all (%(platform)s::name[])
   and not exists (select
                     from pg_catalog.pg_depend d
                    where d.classid = 'pg_catalog.pg_namespace'::pg_catalog.regclass
                      and d.objid = n.oid
                      and d.deptype = 'e')
 order by n.nspname <> 'public', 1

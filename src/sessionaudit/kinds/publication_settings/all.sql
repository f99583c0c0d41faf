-- All publications but for those of extensions.
select p.pubname::text as publication
  from pg_catalog.pg_publication p
 where pg_catalog.cardinality(%(schemas)s::name[]) > 0
   and not exists (select
                     from pg_catalog.pg_depend d
                    where d.classid = 'pg_catalog.pg_publication'::pg_catalog.regclass
                      and d.objid = p.oid
                      and d.deptype = 'e')
 order by 1

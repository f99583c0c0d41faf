-- Publications among those that the contract names, with their operations, and with what they publish beside tables.
-- Which generated columns are sent can be said since PostgreSQL 18.
-- Publications of schemas came with PostgreSQL 15: the identity of one is "SCHEMA in publication PUBLICATION".
select p.pubname::text as publication,
       array(select o.name
               from (values ('insert', p.pubinsert), ('update', p.pubupdate), ('delete', p.pubdelete),
                            ('truncate', p.pubtruncate)) o (name, there)
              where o.there) as operations,
       p.pubviaroot as via_root,
       case pg_catalog.to_jsonb(p) ->> 'pubgencols' when 's' then 'stored' else 'none' end as generated,
       p.puballtables as all_tables,
       array(select n.nspname::text
               from pg_catalog.pg_depend d
               join pg_catalog.pg_namespace n on n.oid = d.refobjid
              where d.refclassid = 'pg_catalog.pg_namespace'::pg_catalog.regclass
                and d.classid = coalesce(pg_catalog.to_regclass('pg_catalog.pg_publication_namespace')::oid, 0)
                and d.objid in (select e.objid
                                  from pg_catalog.pg_depend e
                                 where e.classid = d.classid
                                   and e.refclassid = 'pg_catalog.pg_publication'::pg_catalog.regclass
                                   and e.refobjid = p.oid)
              order by 1) as schemas,
       pg_catalog.pg_get_userbyid(p.pubowner)::text as owner
  from pg_catalog.pg_publication p
 where p.pubname = any (%(publication)s::name[])
 order by 1

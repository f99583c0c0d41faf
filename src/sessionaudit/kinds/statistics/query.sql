-- Statistics objects of the contract's tables, in whose schemas they are.
-- The definition stands between the name and FROM. PostgreSQL 17 has null where earlier versions have the target -1.
select s.stxrelid as relation,
       s.stxname::text as name,
       pg_catalog.left(x.rest, - pg_catalog.length(' FROM ' || s.stxrelid::pg_catalog.regclass::text)) as definition,
       coalesce(s.stxstattarget, -1)::integer as target
  from pg_catalog.pg_statistic_ext s
  join pg_catalog.pg_class c on c.oid = s.stxrelid and c.relnamespace = s.stxnamespace
 cross join lateral pg_catalog.pg_get_statisticsobjdef(s.oid) d (text)
 cross join lateral (
         select pg_catalog.substr(d.text, pg_catalog.strpos(d.text, pg_catalog.format('.%I ', s.stxname))
                  + pg_catalog.length(pg_catalog.format('.%I ', s.stxname)))) x (rest)
 where s.stxrelid = any (%(relation)s::oid[])
 order by 1, 2

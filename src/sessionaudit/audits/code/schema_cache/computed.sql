-- Computed relationships: functions of one row that return rows of another relation.
select n.nspname::text,
       p.proname::text,
       an.nspname::text,
       ac.relname::text,
       rn.nspname::text,
       rc.relname::text,
       not p.proretset or p.prorows = 1
  from pg_catalog.pg_proc p
  join pg_catalog.pg_namespace n on n.oid = p.pronamespace
  join pg_catalog.pg_class ac on ac.reltype = p.proargtypes[0]
  join pg_catalog.pg_namespace an on an.oid = ac.relnamespace
  join pg_catalog.pg_class rc on rc.reltype = p.prorettype
  join pg_catalog.pg_namespace rn on rn.oid = rc.relnamespace
 where p.pronargs = 1
   and ac.relkind in ('r', 'p', 'v', 'm', 'f')
   and rc.relkind in ('r', 'p', 'v', 'm', 'f')
 order by n.nspname, p.proname, p.oid

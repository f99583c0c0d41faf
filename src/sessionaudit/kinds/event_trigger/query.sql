-- Event triggers of the names that the contract gives.
select e.evtname::text as name,
       e.evtevent::text as event,
       coalesce(e.evttags, '{}') as tags,
       n.nspname::text as schema,
       p.proname::text as function,
       case e.evtenabled when 'D' then 'disabled' when 'R' then 'replica' when 'A' then 'always'
                         else 'enabled' end as enabled
  from pg_catalog.pg_event_trigger e
  join pg_catalog.pg_proc p on p.oid = e.evtfoid
  join pg_catalog.pg_namespace n on n.oid = p.pronamespace
 where e.evtname = any (%(name)s::name[])
 order by 1

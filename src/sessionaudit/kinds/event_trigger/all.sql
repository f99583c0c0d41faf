-- The event triggers that call functions in some schemas, but for those of extensions.
select e.evtname::text as name
  from pg_catalog.pg_event_trigger e
  join pg_catalog.pg_proc p on p.oid = e.evtfoid
  join pg_catalog.pg_namespace n on n.oid = p.pronamespace
 where n.nspname = any (%(schemas)s::name[])
   and not exists (select
                     from pg_catalog.pg_depend d
                    where d.classid = 'pg_catalog.pg_event_trigger'::pg_catalog.regclass
                      and d.objid = e.oid
                      and d.deptype = 'e')
 order by 1

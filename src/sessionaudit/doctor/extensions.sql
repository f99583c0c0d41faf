-- Extensions by their names, whether they are installed, and whether the server has their files.
select w.name,
       exists (select from pg_catalog.pg_extension e where e.extname = w.name) as installed,
       exists (select from pg_catalog.pg_available_extensions a where a.name = w.name) as available,
       coalesce((select pg_catalog.bool_or(v.trusted)
                   from pg_catalog.pg_available_extension_versions v
                  where v.name = w.name), false)
         and pg_catalog.has_database_privilege(pg_catalog.current_database(), 'create')
         or (select r.rolsuper from pg_catalog.pg_roles r where r.rolname = current_user) as permitted
  from pg_catalog.unnest(%(names)s::text[]) as w (name)
 order by w.name collate "C"

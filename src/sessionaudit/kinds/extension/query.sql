-- Installed extensions among those that the contract names.
select e.extname::text as name,
       e.extversion as version
  from pg_catalog.pg_extension e
 where e.extname = any (%(name)s::name[])
 order by 1

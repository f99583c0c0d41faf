-- The schemas, of some, that the role may not use: a row for each.
select n.nspname::text
  from pg_catalog.pg_namespace n
 where n.nspname = any (%(schemas)s::text[])
   and not pg_catalog.has_schema_privilege(n.oid, 'usage')
 order by n.nspname::text collate "C"

-- The roles that have default privileges in some schemas, with these; ".*" would be taken for all schemas.
select distinct pg_catalog.pg_get_userbyid(d.defaclrole)::text as role,
       n.nspname::text as schema
  from pg_catalog.pg_default_acl d
  join pg_catalog.pg_namespace n on n.oid = d.defaclnamespace
 where n.nspname = any (%(schemas)s::name[])
   and n.nspname <> '.*'
 order by 1, 2

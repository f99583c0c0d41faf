-- Which functions roles may call.
select r.rolname::text,
       p.oid,
       pg_catalog.has_schema_privilege(r.oid, p.pronamespace, 'usage')
         and pg_catalog.has_function_privilege(r.oid, p.oid, 'execute')
  from pg_catalog.unnest(%(roles)s::text[]) as w (role)
  join pg_catalog.pg_roles r on r.rolname = w.role
 cross join pg_catalog.pg_proc p
 where p.oid = any (%(functions)s::oid[])
 order by r.rolname, p.oid

-- Who owns the relations of a contract that the role cannot alter: a row for each owner.
select r.rolname::text as owner, r.rolsuper as superuser, count(*)::int4 as number,
       min(pg_catalog.format('%I.%I', n.nspname, c.relname)) as one
  from rows from (pg_catalog.unnest(%(schemas)s::text[]), pg_catalog.unnest(%(names)s::text[])) as w (schema, name)
  join pg_catalog.pg_namespace n on n.nspname = w.schema
  join pg_catalog.pg_class c on c.relnamespace = n.oid and c.relname = w.name
  join pg_catalog.pg_roles r on r.oid = c.relowner
 where not pg_catalog.pg_has_role(c.relowner, 'usage')
 group by 1, 2
 order by r.rolname::text collate "C"

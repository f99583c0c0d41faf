-- Operator classes among those that the contract names. methods: the index methods that have one of the name.
select n.nspname::text as schema,
       o.opcname::text as name,
       pg_catalog.array_agg(m.amname::text order by m.amname) as methods
  from rows from (pg_catalog.unnest(%(schema)s::name[]), pg_catalog.unnest(%(name)s::name[])) as w (schema, name)
  join pg_catalog.pg_namespace n on n.nspname = w.schema
  join pg_catalog.pg_opclass o on o.opcnamespace = n.oid and o.opcname = w.name
  join pg_catalog.pg_am m on m.oid = o.opcmethod
 group by 1, 2
 order by 1, 2

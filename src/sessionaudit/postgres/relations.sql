-- The relations with columns among the names in the contract.
select c.oid,
       n.nspname::text,
       c.relname::text
  from rows from (pg_catalog.unnest(%(schema)s::name[]), pg_catalog.unnest(%(name)s::name[])) as w (schema, name)
  join pg_catalog.pg_namespace n on n.nspname = w.schema
  join pg_catalog.pg_class c on c.relnamespace = n.oid and c.relname = w.name
 where c.relkind in ('r', 'p', 'v', 'm', 'f')

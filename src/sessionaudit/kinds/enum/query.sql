-- Enum types among those that the contract names, with their values in order.
select n.nspname::text as schema,
       t.typname::text as name,
       array(select e.enumlabel::text
               from pg_catalog.pg_enum e
              where e.enumtypid = t.oid
              order by e.enumsortorder) as values
  from rows from (pg_catalog.unnest(%(schema)s::name[]), pg_catalog.unnest(%(name)s::name[])) as w (schema, name)
  join pg_catalog.pg_namespace n on n.nspname = w.schema
  join pg_catalog.pg_type t on t.typnamespace = n.oid and t.typname = w.name
 where t.typtype = 'e'
 order by 1, 2

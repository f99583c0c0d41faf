-- Functions and procedures of the names that the contract gives, with what follows their signature.
select n.nspname::text as schema,
       p.proname::text as name,
       '(' || pg_catalog.array_to_string(
                array(select pg_catalog.format_type(a.type, null)
                        from pg_catalog.unnest(p.proargtypes) with ordinality as a (type, position)
                       order by a.position), ', ') || ')' as arguments,
       pg_catalog.substr(d.definition, pg_catalog.strpos(d.definition, E'\n') + 1) as definition
  from (select distinct w.schema, w.name
          from rows from (pg_catalog.unnest(%(schema)s::name[]), pg_catalog.unnest(%(name)s::name[])) as w (schema, name)
       ) w
  join pg_catalog.pg_namespace n on n.nspname = w.schema
  join pg_catalog.pg_proc p on p.pronamespace = n.oid and p.proname = w.name
 cross join lateral (select pg_catalog.pg_get_functiondef(p.oid) as definition) d
 where p.prokind <> 'a'
 order by 1, 2, 3

-- Which of some privileges on relations a role lacks: a row for each relation that exists.
select w.schema, w.name,
       pg_catalog.has_schema_privilege(n.oid, 'usage') as open,
       array(select p.name
               from pg_catalog.unnest(pg_catalog.string_to_array(w.privileges, ' ')) with ordinality as p (name, place)
              where not case when p.name = 'delete' then pg_catalog.has_table_privilege(c.oid, p.name)
                             else pg_catalog.has_any_column_privilege(c.oid, p.name) end
              order by p.place) as lacking,
       pg_catalog.row_security_active(c.oid) as filtered
  from rows from (pg_catalog.unnest(%(schemas)s::text[]), pg_catalog.unnest(%(names)s::text[]),
                  pg_catalog.unnest(%(privileges)s::text[])) as w (schema, name, privileges)
  join pg_catalog.pg_namespace n on n.nspname = w.schema
  join pg_catalog.pg_class c on c.relnamespace = n.oid and c.relname = w.name
 where c.relkind in ('r', 'p', 'v', 'm', 'f')
 order by w.schema collate "C", w.name collate "C"

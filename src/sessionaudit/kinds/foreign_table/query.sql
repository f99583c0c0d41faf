-- Foreign tables among those that the contract names. options, columns: by turns name and value, or name, type and
-- whether it is not null; without options that may hold a secret.
select n.nspname::text as schema,
       c.relname::text as name,
       s.srvname::text as server,
       array(select y.text
               from pg_catalog.pg_options_to_table(f.ftoptions) o
              cross join lateral (values (1, o.option_name), (2, o.option_value)) as y (place, text)
              where o.option_name !~* 'pass|pwd|secret|token|credential|private|(^|_)key$|sslkey|apikey|accesskey'
              order by o.option_name, y.place) as options,
       array(select y.text
               from pg_catalog.pg_attribute a
              cross join lateral (values
                      (1, a.attname::text),
                      (2, pg_catalog.format_type(a.atttypid, a.atttypmod)),
                      (3, case when a.attnotnull then ' not null' else '' end)) as y (place, text)
              where a.attrelid = c.oid
                and a.attnum > 0
                and not a.attisdropped
              order by a.attnum, y.place) as columns
  from rows from (pg_catalog.unnest(%(schema)s::name[]), pg_catalog.unnest(%(name)s::name[])) as w (schema, name)
  join pg_catalog.pg_namespace n on n.nspname = w.schema
  join pg_catalog.pg_class c on c.relnamespace = n.oid and c.relname = w.name and c.relkind = 'f'
  join pg_catalog.pg_foreign_table f on f.ftrelid = c.oid
  join pg_catalog.pg_foreign_server s on s.oid = f.ftserver
 order by 1, 2

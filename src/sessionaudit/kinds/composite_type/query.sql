-- Composite types among those that the contract names. A collation is given only where it is not the type's own;
-- alone tells that PostgreSQL has none of its own of that name. printed: all attributes, as the server prints them.
select n.nspname::text as schema,
       t.typname::text as name,
       a.names,
       a.types,
       a.collations,
       a.alone,
       a.printed
  from rows from (pg_catalog.unnest(%(schema)s::name[]), pg_catalog.unnest(%(name)s::name[])) as w (schema, name)
  join pg_catalog.pg_namespace n on n.nspname = w.schema
  join pg_catalog.pg_type t on t.typnamespace = n.oid and t.typname = w.name and t.typtype = 'c'
  join pg_catalog.pg_class c on c.oid = t.typrelid and c.relkind = 'c'
 cross join lateral (
   select coalesce(pg_catalog.array_agg(a.attname::text order by a.attnum), array[]::text[]) as names,
          coalesce(pg_catalog.array_agg(f.type order by a.attnum), array[]::text[]) as types,
          coalesce(pg_catalog.array_agg(o.name order by a.attnum), array[]::text[]) as collations,
          coalesce(pg_catalog.array_agg(not exists (
                     select
                       from pg_catalog.pg_collation l
                       join pg_catalog.pg_collation s on s.collname = l.collname
                      where l.oid = a.attcollation
                        and l.collnamespace <> 'pg_catalog'::pg_catalog.regnamespace
                        and s.collnamespace = 'pg_catalog'::pg_catalog.regnamespace) order by a.attnum),
                   array[]::boolean[]) as alone,
          pg_catalog.string_agg(pg_catalog.quote_ident(a.attname) || ' ' || f.type
                                || case o.name when '' then '' else ' collate ' || o.name end,
                                ', ' order by a.attnum) as printed
     from pg_catalog.pg_attribute a
     join pg_catalog.pg_type y on y.oid = a.atttypid
    cross join lateral (select pg_catalog.format_type(a.atttypid, a.atttypmod)) f (type)
    cross join lateral (
      select case when a.attcollation = y.typcollation then ''
                  else a.attcollation::pg_catalog.regcollation::text end) o (name)
    where a.attrelid = c.oid
      and a.attnum > 0
      and not a.attisdropped) a
 order by 1, 2

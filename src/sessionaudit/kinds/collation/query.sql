-- Collations among those that the contract names, which the encoding of the database can use.
select n.nspname::text as schema,
       l.collname::text as name,
       l.collprovider::text as provider
  from rows from (pg_catalog.unnest(%(schema)s::name[]), pg_catalog.unnest(%(name)s::name[])) as w (schema, name)
  join pg_catalog.pg_namespace n on n.nspname = w.schema
  join pg_catalog.pg_collation l on l.collnamespace = n.oid and l.collname = w.name
 where l.collencoding in (-1, (select d.encoding
                                 from pg_catalog.pg_database d
                                where d.datname = pg_catalog.current_database()))
 order by 1, 2

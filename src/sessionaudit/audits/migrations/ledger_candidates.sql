-- Tables that may be the ledger of a migration tool: those with a column that one of them has, with all their columns.
select n.nspname::text as schema,
       c.relname::text as name,
       pg_catalog.has_schema_privilege(n.oid, 'usage')
         and pg_catalog.has_table_privilege(c.oid, 'select') as readable,
       pg_catalog.row_security_active(c.oid) as filtered,
       array_agg(a.attname::text order by a.attnum) as columns,
       array_agg(pg_catalog.format_type(a.atttypid, null) order by a.attnum) as types
  from pg_catalog.pg_class c
  join pg_catalog.pg_namespace n on n.oid = c.relnamespace
  join pg_catalog.pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
 where c.relkind in ('r', 'p')
   and c.relnatts <= 40
   and n.nspname <> 'information_schema'
   and n.nspname !~ '^pg_'
   and (c.relname = 'ar_internal_metadata'
        or exists (select
                     from pg_catalog.pg_attribute one
                    where one.attrelid = c.oid
                      and one.attnum > 0
                      and one.attname = any (%(columns)s::name[])))
 group by n.oid, n.nspname, c.oid, c.relname
 order by n.nspname collate "C", c.relname collate "C"

-- Partitions in some schemas, with the table of which each is one: PostgREST exposes the latter only.
select n.nspname::text, c.relname::text, pn.nspname::text, p.relname::text
  from pg_catalog.pg_class c
  join pg_catalog.pg_namespace n on n.oid = c.relnamespace
  join pg_catalog.pg_inherits i on i.inhrelid = c.oid
  join pg_catalog.pg_class p on p.oid = i.inhparent
  join pg_catalog.pg_namespace pn on pn.oid = p.relnamespace
 where c.relispartition
   and c.relkind in ('r', 'p', 'f')
   and n.nspname = any (%(schemas)s)
 order by n.nspname, c.relname

-- Indexes of the contract's tables, without those that belong to a constraint.
-- A table's or index's name may hold " USING ", so the definition is cut after what precedes it.
select i.indrelid as relation,
       c.relname::text as name,
       i.indisunique as unique,
       pg_catalog.substr(x.definition, pg_catalog.length(pg_catalog.format(
         'CREATE %sINDEX %I ON %s%I.%I USING ',
         case when i.indisunique then 'UNIQUE ' else '' end, c.relname,
         case when c.relkind = 'I' then 'ONLY ' else '' end, n.nspname, t.relname)) + 1) as definition,
       i.indisvalid and i.indisready and i.indislive as valid,
       c.relispartition as inherited
  from pg_catalog.pg_index i
  join pg_catalog.pg_class c on c.oid = i.indexrelid
  join pg_catalog.pg_class t on t.oid = i.indrelid
  join pg_catalog.pg_namespace n on n.oid = t.relnamespace
  cross join lateral (select pg_catalog.pg_get_indexdef(i.indexrelid) as definition) x
 where i.indrelid = any (%(relation)s::oid[])
   and not exists (select
                     from pg_catalog.pg_constraint k
                    where k.conindid = i.indexrelid
                      and k.contype in ('p', 'u', 'x'))
 order by 1, 2

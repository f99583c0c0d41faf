-- Unique indexes of tables: the columns of each, and whether ON CONFLICT can be decided by it.
select i.indrelid,
       i.indisprimary,
       i.indpred is null and i.indexprs is null and i.indisvalid and i.indimmediate,
       i.indpred is not null,
       array(select a.attname::text
               from pg_catalog.unnest(i.indkey::int2[]) with ordinality as k (attnum, place)
               join pg_catalog.pg_attribute a on a.attrelid = i.indrelid and a.attnum = k.attnum
              where k.place <= i.indnkeyatts
              order by k.place),
       array(select k.attnum::int
               from pg_catalog.unnest(i.indkey::int2[]) with ordinality as k (attnum, place)
              where k.place <= i.indnkeyatts
              order by k.place),
       exists (select from pg_catalog.pg_constraint o where o.conindid = i.indexrelid and o.contype in ('p', 'u'))
  from pg_catalog.pg_index i
  join pg_catalog.pg_class c on c.oid = i.indrelid
  join pg_catalog.pg_namespace n on n.oid = c.relnamespace
 where i.indisunique
   and c.relkind in ('r', 'p')
   and n.nspname not in ('pg_catalog', 'pg_toast', 'information_schema')
 order by i.indrelid, i.indexrelid

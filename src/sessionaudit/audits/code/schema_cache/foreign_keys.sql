-- Foreign keys of all schemas: views of exposed schemas lead to tables of others.
select k.conname::text,
       k.conrelid,
       n.nspname::text,
       c.relname::text,
       k.confrelid,
       fn.nspname::text,
       f.relname::text,
       k.conkey::int[],
       k.confkey::int[],
       array(select a.attname::text
               from pg_catalog.unnest(k.conkey) with ordinality as u (attnum, place)
               join pg_catalog.pg_attribute a on a.attrelid = k.conrelid and a.attnum = u.attnum
              order by u.place),
       array(select a.attname::text
               from pg_catalog.unnest(k.confkey) with ordinality as u (attnum, place)
               join pg_catalog.pg_attribute a on a.attrelid = k.confrelid and a.attnum = u.attnum
              order by u.place)
  from pg_catalog.pg_constraint k
  join pg_catalog.pg_class c on c.oid = k.conrelid
  join pg_catalog.pg_namespace n on n.oid = c.relnamespace
  join pg_catalog.pg_class f on f.oid = k.confrelid
  join pg_catalog.pg_namespace fn on fn.oid = f.relnamespace
 where k.contype = 'f'
   and k.conparentid = 0
 order by n.nspname, c.relname, k.conname

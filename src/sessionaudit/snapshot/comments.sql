-- Comments on relations of some schemas, on their columns, and on the types there.
select n.nspname::text,
       c.relname::text,
       coalesce(a.attname::text, ''),
       d.description
  from pg_catalog.pg_description d
  join pg_catalog.pg_class c on c.oid = d.objoid
  join pg_catalog.pg_namespace n on n.oid = c.relnamespace
  left join pg_catalog.pg_attribute a on a.attrelid = c.oid and a.attnum = d.objsubid and d.objsubid > 0 and not a.attisdropped
 where d.classoid = 'pg_catalog.pg_class'::pg_catalog.regclass
   and n.nspname = any (%(schemas)s::name[])
   and (d.objsubid = 0 or a.attname is not null)
 union all
select n.nspname::text,
       t.typname::text,
       '',
       d.description
  from pg_catalog.pg_description d
  join pg_catalog.pg_type t on t.oid = d.objoid
  join pg_catalog.pg_namespace n on n.oid = t.typnamespace
 where d.classoid = 'pg_catalog.pg_type'::pg_catalog.regclass
   and n.nspname = any (%(schemas)s::name[])
 order by 1, 2, 3

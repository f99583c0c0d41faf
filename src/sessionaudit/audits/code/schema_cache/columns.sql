-- Columns of the relations of some schemas, with their types as PostgREST spells them where it reads JSON.
select a.attrelid,
       a.attnum,
       a.attname::text,
       pg_catalog.format_type(a.atttypid, a.atttypmod),
       case when b.typnamespace = 'pg_catalog'::pg_catalog.regnamespace
            then pg_catalog.format_type(b.oid, null)
            else pg_catalog.format_type(a.atttypid, a.atttypmod) end,
       a.attnotnull or (t.typtype = 'd' and t.typnotnull),
       a.atthasdef or t.typdefault is not null or a.attidentity <> '',
       a.attgenerated::text,
       a.attidentity::text,
       b.typcategory::text,
       t.typtype::text,
       case when b.oid in ('pg_catalog.varchar'::pg_catalog.regtype, 'pg_catalog.bpchar'::pg_catalog.regtype)
                 and coalesce(nullif(a.atttypmod, -1), t.typtypmod) > 4
            then coalesce(nullif(a.atttypmod, -1), t.typtypmod) - 4 end,
       array(select e.enumlabel::text
               from pg_catalog.pg_enum e where e.enumtypid = b.oid order by e.enumsortorder),
       bn.nspname::text,
       b.typname::text
  from pg_catalog.pg_attribute a
  join pg_catalog.pg_class c on c.oid = a.attrelid
  join pg_catalog.pg_namespace n on n.oid = c.relnamespace
  join pg_catalog.pg_type t on t.oid = a.atttypid
  join pg_catalog.pg_type b on b.oid = case when t.typtype = 'd' then t.typbasetype else t.oid end
  join pg_catalog.pg_namespace bn on bn.oid = b.typnamespace
 where n.nspname = any (%(schemas)s)
   and c.relkind in ('r', 'p', 'v', 'm', 'f')
   and not c.relispartition
   and a.attnum > 0
   and not a.attisdropped
 order by a.attrelid, a.attnum

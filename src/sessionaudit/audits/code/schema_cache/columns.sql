-- Columns of the relations of some schemas, with their types as PostgREST spells them where it reads JSON.
with recursive steps as (
  -- A domain may be one over another: each has its own NOT NULL, and the nearest default and length count.
  select t.oid, t.oid as base, t.typbasetype as below, t.typnotnull as not_null,
         t.typdefault is not null as has_default, t.typtypmod as typmod
    from pg_catalog.pg_type t
   where t.typtype = 'd'
  union all
  select s.oid, t.oid, t.typbasetype, s.not_null or (t.typtype = 'd' and t.typnotnull),
         s.has_default or (t.typtype = 'd' and t.typdefault is not null),
         case when s.typmod = -1 and t.typtype = 'd' then t.typtypmod else s.typmod end
    from steps s
    join pg_catalog.pg_type t on t.oid = s.below
), domains as (
  select oid, base, not_null, has_default, typmod from steps where below = 0
)
select a.attrelid,
       a.attnum,
       a.attname::text,
       pg_catalog.format_type(a.atttypid, a.atttypmod),
       case when b.typnamespace = 'pg_catalog'::pg_catalog.regnamespace
            then pg_catalog.format_type(b.oid, null)
            else pg_catalog.format_type(a.atttypid, a.atttypmod) end,
       a.attnotnull or coalesce(d.not_null, false),
       a.atthasdef or coalesce(d.has_default, false) or a.attidentity <> '',
       a.attgenerated::text,
       a.attidentity::text,
       b.typcategory::text,
       t.typtype::text,
       case when b.oid in ('pg_catalog.varchar'::pg_catalog.regtype, 'pg_catalog.bpchar'::pg_catalog.regtype)
                 and coalesce(nullif(a.atttypmod, -1), d.typmod) > 4
            then coalesce(nullif(a.atttypmod, -1), d.typmod) - 4 end,
       array(select e.enumlabel::text
               from pg_catalog.pg_enum e where e.enumtypid = b.oid order by e.enumsortorder),
       bn.nspname::text,
       b.typname::text,
       t.oid
  from pg_catalog.pg_attribute a
  join pg_catalog.pg_class c on c.oid = a.attrelid
  join pg_catalog.pg_namespace n on n.oid = c.relnamespace
  join pg_catalog.pg_type t on t.oid = a.atttypid
  left join domains d on d.oid = t.oid
  join pg_catalog.pg_type b on b.oid = coalesce(d.base, t.oid)
  join pg_catalog.pg_namespace bn on bn.oid = b.typnamespace
 where n.nspname = any (%(schemas)s)
   and c.relkind in ('r', 'p', 'v', 'm', 'f')
   and not c.relispartition
   and a.attnum > 0
   and not a.attisdropped
 order by a.attrelid, a.attnum

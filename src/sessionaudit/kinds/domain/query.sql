-- Domains among those that the contract names. A collation is given only where it is not the base type's own;
-- collation_alone tells that PostgreSQL has none of its own of that name.
-- usual: the name of a check is the one that PostgreSQL gives.
select n.nspname::text as schema,
       t.typname::text as name,
       pg_catalog.format_type(t.typbasetype, t.typtypmod) as type,
       case when t.typcollation = b.typcollation then ''
            else t.typcollation::pg_catalog.regcollation::text end as collation,
       not exists (select
                     from pg_catalog.pg_collation l
                     join pg_catalog.pg_collation o on o.collname = l.collname
                    where l.oid = t.typcollation
                      and l.collnamespace <> 'pg_catalog'::pg_catalog.regnamespace
                      and o.collnamespace = 'pg_catalog'::pg_catalog.regnamespace) as collation_alone,
       pg_catalog.pg_get_expr(t.typdefaultbin, 0) as default,
       t.typnotnull as not_null,
       c.names,
       c.expressions,
       c.validated,
       c.usual,
       c.comments
  from rows from (pg_catalog.unnest(%(schema)s::name[]), pg_catalog.unnest(%(name)s::name[])) as w (schema, name)
  join pg_catalog.pg_namespace n on n.nspname = w.schema
  join pg_catalog.pg_type t on t.typnamespace = n.oid and t.typname = w.name and t.typtype = 'd'
  join pg_catalog.pg_type b on b.oid = t.typbasetype
 cross join lateral (
   select coalesce(pg_catalog.array_agg(k.conname::text order by k.conname), array[]::text[]) as names,
          coalesce(pg_catalog.array_agg(pg_catalog.pg_get_expr(k.conbin, 0) order by k.conname),
                   array[]::text[]) as expressions,
          coalesce(pg_catalog.array_agg(k.convalidated order by k.conname), array[]::boolean[]) as validated,
          coalesce(pg_catalog.array_agg(k.conname = t.typname || '_check' order by k.conname),
                   array[]::boolean[]) as usual,
          coalesce(pg_catalog.array_agg(coalesce(pg_catalog.obj_description(k.oid, 'pg_constraint'), '')
                                        order by k.conname), array[]::text[]) as comments
     from pg_catalog.pg_constraint k
    where k.contypid = t.oid
      and k.contype = 'c') c
 order by 1, 2

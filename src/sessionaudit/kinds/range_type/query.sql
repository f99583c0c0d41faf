-- Range types among those that the contract names. What is the usual one, or not there, is empty; other names come with
-- their schema, a collation as SQL spells it.
select n.nspname::text as schema,
       t.typname::text as name,
       pg_catalog.format_type(r.rngsubtype, null) as subtype,
       case when r.rngcollation = s.typcollation then ''
            else r.rngcollation::pg_catalog.regcollation::text end as collation,
       (select array[o.opcnamespace::pg_catalog.regnamespace::text, o.opcname::text]
          from pg_catalog.pg_opclass o
         where o.oid = r.rngsubopc
           and not o.opcdefault) as opclass,
       (select array[f.pronamespace::pg_catalog.regnamespace::text, f.proname::text]
          from pg_catalog.pg_proc f
         where f.oid = r.rngcanonical) as canonical,
       (select array[f.pronamespace::pg_catalog.regnamespace::text, f.proname::text]
          from pg_catalog.pg_proc f
         where f.oid = r.rngsubdiff) as diff,
       (select array[m.typnamespace::pg_catalog.regnamespace::text, m.typname::text]
          from pg_catalog.pg_type m
         where m.oid = (pg_catalog.to_jsonb(r) ->> 'rngmultitypid')::oid
           and m.typname <> case when t.typname ~ 'range'
                                 then pg_catalog.regexp_replace(t.typname::text, 'range', 'multirange')
                                 else t.typname || '_multirange' end) as multirange
  from rows from (pg_catalog.unnest(%(schema)s::name[]), pg_catalog.unnest(%(name)s::name[])) as w (schema, name)
  join pg_catalog.pg_namespace n on n.nspname = w.schema
  join pg_catalog.pg_type t on t.typnamespace = n.oid and t.typname = w.name and t.typtype = 'r'
  join pg_catalog.pg_range r on r.rngtypid = t.oid
  join pg_catalog.pg_type s on s.oid = r.rngsubtype
 order by 1, 2

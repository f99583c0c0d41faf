-- What writing to relations needs beside them: tables whose foreign keys name them, and sequences of their defaults.
select 'select' as privilege, 'table' as kind, n.nspname::text as schema, c.relname::text as name
  from rows from (pg_catalog.unnest(%(schemas)s::text[]), pg_catalog.unnest(%(names)s::text[])) as w (schema, name)
  join pg_catalog.pg_namespace wn on wn.nspname = w.schema
  join pg_catalog.pg_class wc on wc.relnamespace = wn.oid and wc.relname = w.name
  join pg_catalog.pg_constraint f on f.contype = 'f' and f.confrelid = wc.oid
  join pg_catalog.pg_class c on c.oid = f.conrelid and not c.relispartition
  join pg_catalog.pg_namespace n on n.oid = c.relnamespace
 union
select 'usage', 'sequence', n.nspname::text, c.relname::text
  from rows from (pg_catalog.unnest(%(schemas)s::text[]), pg_catalog.unnest(%(names)s::text[])) as w (schema, name)
  join pg_catalog.pg_namespace wn on wn.nspname = w.schema
  join pg_catalog.pg_class wc on wc.relnamespace = wn.oid and wc.relname = w.name
  join pg_catalog.pg_attrdef d on d.adrelid = wc.oid
  join pg_catalog.pg_depend p
    on p.classid = 'pg_catalog.pg_attrdef'::pg_catalog.regclass and p.objid = d.oid
   and p.refclassid = 'pg_catalog.pg_class'::pg_catalog.regclass
  join pg_catalog.pg_class c on c.oid = p.refobjid
  join pg_catalog.pg_namespace n on n.oid = c.relnamespace
 where case when c.relkind = 'S' then not pg_catalog.has_sequence_privilege(c.oid, 'usage, update') else false end
 order by 1, 2, 3, 4

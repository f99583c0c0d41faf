-- The objects that calls need, with all that these depend on, by what pg_identify_object calls them and their path.
with recursive
-- What statements name, which are the bodies of temporary functions.
spoken (relation, number) as (
  select d.refobjid, d.refobjsubid
    from pg_catalog.pg_depend d
   where d.classid = 'pg_catalog.pg_proc'::pg_catalog.regclass
     and d.objid = any (%(statements)s::oid[])
     and d.refclassid = 'pg_catalog.pg_class'::pg_catalog.regclass
), relations (oid) as materialized (
  select r from pg_catalog.unnest(%(relations)s::oid[]) r
   union
  select s.relation from spoken s
), columns (relation, number) as materialized (
  select c.relation, c.number
    from rows from (pg_catalog.unnest(%(of_columns)s::oid[]), pg_catalog.unnest(%(numbers)s::integer[])) c (relation, number)
   union
  select s.relation, s.number from spoken s where s.number > 0
), seeds (class, id, sub) as (
  select 'pg_catalog.pg_class'::pg_catalog.regclass, r.oid, 0
    from relations r
   union all
  select 'pg_catalog.pg_class'::pg_catalog.regclass, c.relation, c.number
    from columns c
   union all
  -- A call may mean each function of that name.
  select 'pg_catalog.pg_proc'::pg_catalog.regclass, f.oid, 0
    from pg_catalog.pg_proc p
    join pg_catalog.pg_proc f on f.pronamespace = p.pronamespace and f.proname = p.proname
   where p.oid = any (%(functions)s::oid[] || %(statements)s::oid[])
   union all
  -- Functions that compute what is embedded.
  select 'pg_catalog.pg_proc'::pg_catalog.regclass, p.oid, 0
    from rows from (pg_catalog.unnest(%(computing_schemas)s::name[]), pg_catalog.unnest(%(computing)s::name[]))
         w (schema, name)
    join pg_catalog.pg_namespace n on n.nspname = w.schema
    join pg_catalog.pg_proc p on p.pronamespace = n.oid and p.proname = w.name and p.pronargs = 1
   union all
  -- Without a value for these columns no row can be inserted.
  select 'pg_catalog.pg_class'::pg_catalog.regclass, a.attrelid, a.attnum
    from pg_catalog.pg_attribute a
    join pg_catalog.pg_class c on c.oid = a.attrelid and c.relkind in ('r', 'p')
   where a.attrelid = any (%(inserted)s::oid[])
     and a.attnum > 0 and not a.attisdropped and a.attnotnull and not a.atthasdef and a.attidentity = ''
   union all
  -- Primary keys, and other keys and checks of used columns alone.
  select 'pg_catalog.pg_constraint'::pg_catalog.regclass, k.oid, 0
    from pg_catalog.pg_constraint k
   where k.conrelid = any (array(select r.oid from relations r))
     and (k.contype = 'p'
          or (k.contype in ('u', 'c') and k.conkey <> '{}'
              and not exists (select
                                from pg_catalog.unnest(k.conkey) n
                               where (k.conrelid, n) not in (select c.relation, c.number from columns c))))
   union all
  select 'pg_catalog.pg_class'::pg_catalog.regclass, i.indexrelid, 0
    from pg_catalog.pg_index i
   where i.indrelid = any (array(select r.oid from relations r))
     and i.indisunique
     and not exists (select from pg_catalog.pg_constraint k where k.conindid = i.indexrelid and k.contype in ('p', 'u', 'x'))
     and not exists (select
                       from pg_catalog.unnest(i.indkey) n
                      where (i.indrelid, n) not in (select c.relation, c.number from columns c))
   union all
  -- Foreign keys by which tables are embedded, those of the tables that a view reads, too.
  select 'pg_catalog.pg_constraint'::pg_catalog.regclass, k.oid, 0
    from pg_catalog.pg_constraint k
   where k.contype = 'f'
     and k.conname = any (%(keys)s::name[])
     and (k.conrelid = any (array(select r.oid from relations r))
          or k.conrelid in (select d.refobjid
                              from pg_catalog.pg_rewrite r
                              join pg_catalog.pg_depend d
                                on d.classid = 'pg_catalog.pg_rewrite'::pg_catalog.regclass and d.objid = r.oid
                             where r.ev_class = any (array(select r.oid from relations r))))
   union all
  -- What fills or replaces a row that is written.
  select 'pg_catalog.pg_trigger'::pg_catalog.regclass, t.oid, 0
    from pg_catalog.pg_trigger t
   where not t.tgisinternal and t.tgenabled in ('O', 'A')
     and t.tgtype & 1 = 1 and t.tgtype & 66 <> 0
     and ((t.tgtype & 4 = 4 and t.tgrelid = any (%(inserted)s::oid[]))
          or (t.tgtype & 16 = 16 and t.tgrelid = any (%(updated)s::oid[])))
), used (class, id, sub) as (
  select s.class::oid, s.id, s.sub::integer
    from seeds s
   union
  select n.class, n.id, n.sub
    from used u
   cross join lateral (
     select d.refclassid, d.refobjid, d.refobjsubid
       from pg_catalog.pg_depend d
      where d.classid = u.class and d.objid = u.id and d.objsubid = u.sub
      union all
     -- A column has a relation, and perhaps a default; a view its query.
     select u.class, u.id, 0
      where u.class = 'pg_catalog.pg_class'::pg_catalog.regclass and u.sub > 0
      union all
     select 'pg_catalog.pg_attrdef'::pg_catalog.regclass, f.oid, 0
       from pg_catalog.pg_attrdef f
      where u.class = 'pg_catalog.pg_class'::pg_catalog.regclass and f.adrelid = u.id and f.adnum = u.sub
      union all
     select 'pg_catalog.pg_rewrite'::pg_catalog.regclass, r.oid, 0
       from pg_catalog.pg_rewrite r
      where u.class = 'pg_catalog.pg_class'::pg_catalog.regclass and u.sub = 0 and r.ev_class = u.id
        and r.rulename = '_RETURN'
      union all
     -- What the checks of a domain and the columns of a composite type need.
     select 'pg_catalog.pg_constraint'::pg_catalog.regclass, k.oid, 0
       from pg_catalog.pg_constraint k
      where u.class = 'pg_catalog.pg_type'::pg_catalog.regclass and k.contypid = u.id
      union all
     select 'pg_catalog.pg_class'::pg_catalog.regclass, a.attrelid, a.attnum
       from pg_catalog.pg_type t
       join pg_catalog.pg_class c on c.oid = t.typrelid and c.relkind = 'c'
       join pg_catalog.pg_attribute a on a.attrelid = c.oid and a.attnum > 0
      where u.class = 'pg_catalog.pg_type'::pg_catalog.regclass and t.oid = u.id
   ) n (class, id, sub)
   where n.id >= 16384  -- what PostgreSQL has itself needs no mention
)
select distinct o.sort, p.path
  from used u
 cross join lateral (select i.type from pg_catalog.pg_identify_object(u.class, u.id, u.sub) i) o (sort)
 cross join lateral (
   select array[n.nspname::text, c.relname::text] || array(select a.attname::text
                                                             from pg_catalog.pg_attribute a
                                                            where a.attrelid = c.oid and a.attnum = u.sub and u.sub > 0)
     from pg_catalog.pg_class c
     join pg_catalog.pg_namespace n on n.oid = c.relnamespace
    where u.class = 'pg_catalog.pg_class'::pg_catalog.regclass and c.oid = u.id and c.relkind not in ('i', 'I')
    union all
   select array[n.nspname::text, c.relname::text, x.relname::text]
     from pg_catalog.pg_index i
     join pg_catalog.pg_class x on x.oid = i.indexrelid
     join pg_catalog.pg_class c on c.oid = i.indrelid
     join pg_catalog.pg_namespace n on n.oid = c.relnamespace
    where u.class = 'pg_catalog.pg_class'::pg_catalog.regclass and i.indexrelid = u.id
    union all
   select array[n.nspname::text, t.typname::text]
     from pg_catalog.pg_type t
     join pg_catalog.pg_namespace n on n.oid = t.typnamespace
    where u.class = 'pg_catalog.pg_type'::pg_catalog.regclass and t.oid = u.id
    union all
   select array[n.nspname::text, f.proname::text,
                '(' || pg_catalog.array_to_string(
                         array(select pg_catalog.format_type(a.type, null)
                                 from pg_catalog.unnest(f.proargtypes) with ordinality as a (type, position)
                                order by a.position), ', ') || ')']
     from pg_catalog.pg_proc f
     join pg_catalog.pg_namespace n on n.oid = f.pronamespace
    where u.class = 'pg_catalog.pg_proc'::pg_catalog.regclass and f.oid = u.id
    union all
   select array[n.nspname::text, c.relname::text, k.conname::text]
     from pg_catalog.pg_constraint k
     join pg_catalog.pg_class c on c.oid = k.conrelid
     join pg_catalog.pg_namespace n on n.oid = c.relnamespace
    where u.class = 'pg_catalog.pg_constraint'::pg_catalog.regclass and k.oid = u.id
    union all
   select array[n.nspname::text, c.relname::text, t.tgname::text]
     from pg_catalog.pg_trigger t
     join pg_catalog.pg_class c on c.oid = t.tgrelid
     join pg_catalog.pg_namespace n on n.oid = c.relnamespace
    where u.class = 'pg_catalog.pg_trigger'::pg_catalog.regclass and t.oid = u.id
    union all
   select array[e.extname::text]
     from pg_catalog.pg_extension e
    where u.class = 'pg_catalog.pg_extension'::pg_catalog.regclass and e.oid = u.id
    union all
   select array[n.nspname::text, c.collname::text]
     from pg_catalog.pg_collation c
     join pg_catalog.pg_namespace n on n.oid = c.collnamespace
    where u.class = 'pg_catalog.pg_collation'::pg_catalog.regclass and c.oid = u.id
    union all
   select array[s.srvname::text]
     from pg_catalog.pg_foreign_server s
    where u.class = 'pg_catalog.pg_foreign_server'::pg_catalog.regclass and s.oid = u.id
 ) p (path)
 order by 1, 2

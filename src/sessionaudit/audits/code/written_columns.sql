-- The columns of some tables, dropped ones, too: a plan has a place for each. A column is not to be judged where a
-- trigger of the table, or of one below it, may fill it before the constraints are checked; and none is where a table
-- below is foreign, as nothing is checked there.
with recursive asked as (
  select c.oid, n.nspname, c.relname
    from pg_catalog.unnest(%(schemas)s::text[]) with ordinality as s (schema, place)
    join pg_catalog.unnest(%(names)s::text[]) with ordinality as u (name, place) on u.place = s.place
    join pg_catalog.pg_namespace n on n.nspname = s.schema
    join pg_catalog.pg_class c on c.relnamespace = n.oid and c.relname = u.name and c.relkind in ('r', 'p')
), below as (
  select oid as root, oid
    from asked
   union
  select b.root, i.inhrelid
    from below b
    join pg_catalog.pg_inherits i on i.inhparent = b.oid
), filled as (
  select b.root,
         pg_catalog.bool_or(t.tgtype & 4 = 4) as inserted,
         pg_catalog.bool_or(t.tgtype & 16 = 16) as updated
    from below b
    join pg_catalog.pg_trigger t on t.tgrelid = b.oid
   where not t.tgisinternal
     and t.tgenabled in ('O', 'A')
     and t.tgtype & 3 = 3  -- for each row, before
   group by b.root
), domains as (
  select t.oid, t.oid as root, t.typbasetype as beneath, t.typnotnull as not_null, t.typdefault is not null as has_default
    from pg_catalog.pg_type t
   where t.typtype = 'd'
   union all
  select t.oid, d.root, t.typbasetype, t.typnotnull, t.typdefault is not null
    from domains d
    join pg_catalog.pg_type t on t.oid = d.beneath and t.typtype = 'd'
)
select a.nspname::text,
       a.relname::text,
       a.oid,
       not exists (select from below b where b.root = a.oid and b.oid <> a.oid),
       coalesce(f.inserted, false),
       coalesce(f.updated, false),
       c.attnum::int,
       c.attname::text,
       not c.attisdropped and c.attgenerated = ''
         and (c.attnotnull or exists (select from domains d where d.root = c.atttypid and d.not_null)),
       c.atthasdef or c.attidentity <> '' or exists (select from domains d where d.root = c.atttypid and d.has_default),
       c.attisdropped
  from asked a
  join pg_catalog.pg_attribute c on c.attrelid = a.oid and c.attnum > 0
  left join filled f on f.root = a.oid
 where not exists (select
                     from below b
                     join pg_catalog.pg_class r on r.oid = b.oid
                    where b.root = a.oid
                      and r.relkind = 'f')
 order by a.oid, c.attnum

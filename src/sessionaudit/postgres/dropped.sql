-- The dependents of objects to be dropped that are not dropped automatically, so that PostgreSQL rejects the drop.
--
-- `given` holds the objects by number: those that are dropped (`goes`), and those that are changed. Each row of the
-- result describes a dependent of a dropped object, with the numbers of the given objects whose drop also drops it, and
-- of those whose change may remove it. Rows with a `path` describe relations and columns that are dropped
-- automatically.
with recursive given (number, goes, class, id, sub) as (%(given)s),
part (number, class, id, sub) as (
  select g.number, g.class, g.id, g.sub from given g where g.id is not null
   union
  select p.number, d.class, d.id, d.sub
    from part p
    join given g on g.number = p.number
   cross join lateral (
     select d.classid, d.objid, d.objsubid
       from pg_catalog.pg_depend d
      where d.refclassid = p.class and d.refobjid = p.id and (p.sub = 0 or d.refobjsubid = p.sub)
        and d.deptype not in ('n', 'p')
        and (g.goes or d.classid = 'pg_catalog.pg_attrdef'::pg_catalog.regclass)
      union all -- the column of a child table that is only inherited
     select p.class, c.attrelid, c.attnum
       from pg_catalog.pg_inherits i
       join pg_catalog.pg_attribute a on a.attrelid = i.inhparent and a.attnum = p.sub
       join pg_catalog.pg_attribute c
         on c.attrelid = i.inhrelid and c.attname = a.attname and not c.attislocal and c.attinhcount = 1
      where g.goes and p.class = 'pg_catalog.pg_class'::pg_catalog.regclass and p.sub <> 0 and i.inhparent = p.id
   ) d (class, id, sub)
),
blocker (number, class, id, sub) as (
  select distinct p.number, d.classid, d.objid, d.objsubid
    from part p
    join given g on g.number = p.number and g.goes
    join pg_catalog.pg_depend d
      on d.refclassid = p.class and d.refobjid = p.id and (p.sub = 0 or d.refobjsubid = p.sub) and d.deptype = 'n'
   where not exists (
     select from part q
      where q.number = p.number and q.class = d.classid and q.id = d.objid and q.sub in (0, d.objsubid))
),
holder (number, class, id, sub, told) as (
  select b.number, b.class, b.id, b.sub,
         coalesce((select pg_catalog.pg_describe_object(d.refclassid, d.refobjid, d.refobjsubid)
                     from pg_catalog.pg_depend d
                    where d.classid = b.class and d.objid = b.id and d.deptype = 'i'
                    limit 1),
                  pg_catalog.pg_describe_object(b.class, b.id, b.sub))
    from blocker b
)
select h.number, h.told collate "C" as told, m.going, m.changing, '' as sort, array[]::text[] as path
  from holder h
 cross join lateral (
   select coalesce(pg_catalog.array_agg(distinct p.number) filter (where g.goes), array[]::int4[]) as going,
          coalesce(pg_catalog.array_agg(distinct p.number) filter (where not g.goes), array[]::int4[]) as changing
     from part p
     join given g on g.number = p.number
    where p.number <> h.number and p.class = h.class and p.id = h.id and p.sub in (0, h.sub)
 ) m
 union
select p.number, pg_catalog.pg_describe_object(p.class, p.id, p.sub) collate "C", array[]::int4[], array[]::int4[],
       case when p.sub = 0 then 'table' else 'column' end,
       pg_catalog.array_remove(array[n.nspname::text, c.relname::text, a.attname::text], null)
  from part p
  join given g on g.number = p.number and g.goes
  join pg_catalog.pg_class c on c.oid = p.id and c.relkind in ('r', 'p', 'f', 'v', 'm')
  join pg_catalog.pg_namespace n on n.oid = c.relnamespace
  left join pg_catalog.pg_attribute a on a.attrelid = c.oid and a.attnum = p.sub and p.sub <> 0
 where p.class = 'pg_catalog.pg_class'::pg_catalog.regclass
   and not exists (
     select from given o where o.goes and o.class = p.class and o.id = p.id and o.sub in (0, p.sub))
   and not exists (
     select from part q where q.number = p.number and q.class = p.class and q.id = p.id and q.sub = 0 and p.sub <> 0)
 order by number, told, path

-- Objects with side effects among the names in a text: functions, operators, and relations that call them.
with harmful as (
  select p.oid, p.pronamespace, p.proname, p.pronargs, p.pronargdefaults
    from pg_catalog.pg_proc p
   where p.pronamespace = 'pg_catalog'::pg_catalog.regnamespace
     and (p.provolatile = 'v' and p.proname <> all (%(allowed)s::name[]) or p.proname = any (%(listed)s::name[]))
  union all
  select p.oid, p.pronamespace, p.proname, p.pronargs, p.pronargdefaults
    from pg_catalog.pg_depend d
    join pg_catalog.pg_proc p on p.oid = d.objid
   where d.classid = 'pg_catalog.pg_proc'::pg_catalog.regclass
     and d.refclassid = 'pg_catalog.pg_extension'::pg_catalog.regclass
     and d.deptype = 'e'
     and (p.provolatile = 'v' and p.proname <> all (%(allowed)s::name[]) or p.proname ~ %(of_extensions)s)
), namespace as materialized (
  select n.oid, n.nspname::text as name, n.nspname = any (pg_catalog.current_schemas(true)) as visible
    from pg_catalog.pg_namespace n
), named as materialized ( -- else the rules of all views are searched
  select c.oid, n.name as schema, c.relname as name, n.visible
    from pg_catalog.pg_class c
    join namespace n on n.oid = c.relnamespace
   where c.relname = any (%(names)s::name[])
     and (n.name in ('pg_catalog', 'information_schema')
          or exists (select from pg_catalog.pg_depend d
                      where d.classid = 'pg_catalog.pg_class'::pg_catalog.regclass and d.objid = c.oid
                        and d.deptype = 'e'))
)
select 'function', n.name, h.proname::text, n.visible, 1 between h.pronargs - h.pronargdefaults and h.pronargs
  from harmful h
  join namespace n on n.oid = h.pronamespace
 where h.proname = any (%(names)s::name[])
union
select 'operator', n.name, o.oprname::text, n.visible, false
  from pg_catalog.pg_operator o
  join namespace n on n.oid = o.oprnamespace
  join harmful h on h.oid = o.oprcode
 where o.oprname = any (%(operators)s::name[])
union
select 'relation', c.schema, c.name::text, c.visible, false
  from named c
 where c.schema = 'pg_catalog' and c.name = any (%(relations)s::name[])
union
select 'relation', c.schema, c.name::text, c.visible, false
  from named c
  join pg_catalog.pg_rewrite w on w.ev_class = c.oid
 cross join lateral pg_catalog.regexp_matches(w.ev_action::text, ':funcid (\d+)', 'g') as f (id)
  join harmful h on h.oid = f.id[1]::oid
order by 1, 2, 3

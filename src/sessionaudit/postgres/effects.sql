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
), refused as (
  select h.oid, n.nspname::text as schema, h.proname::text as name,
         n.nspname = any (pg_catalog.current_schemas(true)) as visible,
         1 between h.pronargs - h.pronargdefaults and h.pronargs as of_one
    from harmful h
    join pg_catalog.pg_namespace n on n.oid = h.pronamespace
)
select 'function', r.schema, r.name, r.visible, r.of_one
  from refused r
 where r.name = any (%(names)s::text[])
union
select 'operator', n.nspname::text, o.oprname::text, n.nspname = any (pg_catalog.current_schemas(true)), false
  from pg_catalog.pg_operator o
  join pg_catalog.pg_namespace n on n.oid = o.oprnamespace
  join refused r on r.oid = o.oprcode
 where o.oprname = any (%(operators)s::name[])
union
select 'relation', n.nspname::text, c.relname::text, n.nspname = any (pg_catalog.current_schemas(true)), false
  from pg_catalog.pg_class c
  join pg_catalog.pg_namespace n on n.oid = c.relnamespace
 where c.relname = any (%(names)s::name[])
   and (n.nspname in ('pg_catalog', 'information_schema')
        or exists (select from pg_catalog.pg_depend d
                    where d.classid = 'pg_catalog.pg_class'::pg_catalog.regclass and d.objid = c.oid and d.deptype = 'e'))
   and (n.nspname = 'pg_catalog' and c.relname = any (%(relations)s::name[])
        or exists (select
                     from pg_catalog.pg_rewrite w
                    cross join lateral pg_catalog.regexp_matches(w.ev_action::text, ':funcid (\d+)', 'g') as f (id)
                     join refused r on r.oid = f.id[1]::oid
                    where w.ev_class = c.oid))
order by 1, 2, 3

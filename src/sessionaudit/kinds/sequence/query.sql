-- Sequences among those that the contract names. numbers: start, increment, bounds, cache and whether it cycles.
-- filling: the column that owns it takes its values from it.
-- held: what roles can do themselves, as members of others or as superusers; not what PUBLIC can.
with there as materialized (
  select c.oid, c.relname, n.nspname, c.relpersistence, c.relowner,
         coalesce(c.relacl, pg_catalog.acldefault('s', c.relowner)) as acl
    from rows from (pg_catalog.unnest(%(schema)s::name[]), pg_catalog.unnest(%(name)s::name[])) as w (schema, name)
    join pg_catalog.pg_namespace n on n.nspname = w.schema
    join pg_catalog.pg_class c on c.relnamespace = n.oid and c.relname = w.name and c.relkind = 'S'
), acl as materialized (
  select distinct t.oid, x.grantee, pg_catalog.lower(x.privilege_type) as privilege
    from there t
   cross join pg_catalog.aclexplode(t.acl) x
   where x.grantee <> 0
), reach as materialized (
  select g.grantee, r.rolname::text as role
    from (select distinct a.grantee from acl a) g
    join pg_catalog.pg_roles r
      on r.oid = g.grantee
      or r.rolsuper
      or (r.oid in (select m.member from pg_catalog.pg_auth_members m)
          and pg_catalog.pg_has_role(r.oid, g.grantee, 'USAGE'))
), held as materialized (
  select h.oid, pg_catalog.array_agg(h.item order by h.item) as items
    from (select distinct a.oid, a.privilege || ' ' || r.role as item
            from acl a
            join reach r on r.grantee = a.grantee) h
   group by h.oid
)
select c.nspname::text as schema,
       c.relname::text as name,
       pg_catalog.format_type(s.seqtypid, null) as type,
       pg_catalog.concat_ws(' ', s.seqstart, s.seqincrement, s.seqmin, s.seqmax, s.seqcache, s.seqcycle) as numbers,
       case c.relpersistence when 'u' then 'unlogged' when 't' then 'temporary' else 'permanent' end as persistence,
       o.path as owned_by,
       coalesce(o.filling, false) as filling,
       coalesce(o.identity, false) as identity,
       pg_catalog.pg_get_userbyid(c.relowner)::text as owner,
       array(select pg_catalog.lower(x.privilege_type) || ' '
                    || case x.grantee when 0 then 'public' else pg_catalog.pg_get_userbyid(x.grantee)::text end
               from pg_catalog.aclexplode(c.acl) x
              order by 1) as grants,
       coalesce(h.items, '{}') as held,
       array(select distinct pg_catalog.lower(x.privilege_type) || ' '
                    || case x.grantee when 0 then 'public' else pg_catalog.pg_get_userbyid(x.grantee)::text end
               from pg_catalog.aclexplode(c.acl) x
              where x.is_grantable and x.grantee <> c.relowner
              order by 1) as grantable
  from there c
  left join held h on h.oid = c.oid
  join pg_catalog.pg_sequence s on s.seqrelid = c.oid
  left join lateral (
    select array[tn.nspname::text, t.relname::text, a.attname::text] as path,
           d.deptype = 'i' as identity,
           d.deptype = 'i'
             or exists (select
                          from pg_catalog.pg_attrdef f
                          join pg_catalog.pg_depend u
                            on u.classid = 'pg_catalog.pg_attrdef'::pg_catalog.regclass and u.objid = f.oid
                         where f.adrelid = t.oid
                           and f.adnum = a.attnum
                           and u.refclassid = 'pg_catalog.pg_class'::pg_catalog.regclass
                           and u.refobjid = c.oid) as filling
      from pg_catalog.pg_depend d
      join pg_catalog.pg_class t on t.oid = d.refobjid
      join pg_catalog.pg_namespace tn on tn.oid = t.relnamespace
      join pg_catalog.pg_attribute a on a.attrelid = t.oid and a.attnum = d.refobjsubid
     where d.classid = 'pg_catalog.pg_class'::pg_catalog.regclass
       and d.objid = c.oid
       and d.objsubid = 0
       and d.refclassid = 'pg_catalog.pg_class'::pg_catalog.regclass
       and d.refobjsubid > 0
       and d.deptype in ('a', 'i')
     order by d.deptype
     limit 1) o on true
 order by 1, 2

-- Sequences among those that the contract names. numbers: start, increment, bounds, cache and whether it cycles.
-- filling: the column that owns it takes its values from it.
select n.nspname::text as schema,
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
               from pg_catalog.aclexplode(coalesce(c.relacl, pg_catalog.acldefault('s', c.relowner))) x
              order by 1) as grants
  from rows from (pg_catalog.unnest(%(schema)s::name[]), pg_catalog.unnest(%(name)s::name[])) as w (schema, name)
  join pg_catalog.pg_namespace n on n.nspname = w.schema
  join pg_catalog.pg_class c on c.relnamespace = n.oid and c.relname = w.name and c.relkind = 'S'
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

-- What a statement on a relation uses besides, and a role may not: sequences and functions of the defaults of columns,
-- functions of its checks and of its policies.
with used as (
  select ad.adrelid as relation, a.attname::text as name,
         case when a.attgenerated = '' then 'default' else 'generated' end as sort, d.refclassid, d.refobjid
    from pg_catalog.pg_attrdef ad
    join pg_catalog.pg_attribute a on a.attrelid = ad.adrelid and a.attnum = ad.adnum
    join pg_catalog.pg_depend d on d.classid = 'pg_catalog.pg_attrdef'::pg_catalog.regclass and d.objid = ad.oid
   where ad.adrelid = any (%(relations)s::oid[])
  union all
  select c.conrelid, c.conname::text, 'check', d.refclassid, d.refobjid
    from pg_catalog.pg_constraint c
    join pg_catalog.pg_depend d on d.classid = 'pg_catalog.pg_constraint'::pg_catalog.regclass and d.objid = c.oid
   where c.contype = 'c' and c.conrelid = any (%(relations)s::oid[])
  union all
  select p.polrelid, p.polname::text, 'policy', d.refclassid, d.refobjid
    from pg_catalog.pg_policy p
    join pg_catalog.pg_depend d on d.classid = 'pg_catalog.pg_policy'::pg_catalog.regclass and d.objid = p.oid
   where p.polrelid = any (%(relations)s::oid[])
)
select distinct r.rolname::text, u.relation, u.sort, u.name, 'sequence', n.nspname::text, s.relname::text, ''
  from pg_catalog.unnest(%(roles)s::text[]) as w (role)
  join pg_catalog.pg_roles r on r.rolname = w.role
 cross join used u
  join pg_catalog.pg_class s on u.refclassid = 'pg_catalog.pg_class'::pg_catalog.regclass and s.oid = u.refobjid
  join pg_catalog.pg_namespace n on n.oid = s.relnamespace
 where s.relkind = 'S'
   and not pg_catalog.has_sequence_privilege(r.oid, s.oid, 'usage, update')
union all
select distinct r.rolname::text, u.relation, u.sort, u.name, 'function', n.nspname::text, p.proname::text,
       pg_catalog.pg_get_function_identity_arguments(p.oid)
  from pg_catalog.unnest(%(roles)s::text[]) as w (role)
  join pg_catalog.pg_roles r on r.rolname = w.role
 cross join used u
  join pg_catalog.pg_proc p on u.refclassid = 'pg_catalog.pg_proc'::pg_catalog.regclass and p.oid = u.refobjid
  join pg_catalog.pg_namespace n on n.oid = p.pronamespace
 where not pg_catalog.has_function_privilege(r.oid, p.oid, 'execute')
 order by 1, 2, 3, 4, 5, 6, 7, 8

-- Default privileges of the roles that the contract names, in a schema, or for ".*" in all: there PostgreSQL's own count.
with asked as (
  select r.oid, w.role, w.schema, coalesce(n.oid, 0) as schema_oid
    from rows from (pg_catalog.unnest(%(role)s::text[]), pg_catalog.unnest(%(schema)s::text[])) as w (role, schema)
    left join pg_catalog.pg_roles r on r.rolname = w.role
    left join pg_catalog.pg_namespace n on n.nspname = w.schema and w.schema <> '.*'
   where w.schema = '.*' or n.oid is not null
), given as (
  select a.role, a.schema, d.oid is not null as stored, s.name as sort, x.is_grantable,
         case when d.oid is not null
              then array(select o.privilege_type || o.is_grantable
                           from pg_catalog.aclexplode(d.defaclacl) o where o.grantee = a.oid order by 1)
                <> array(select o.privilege_type || o.is_grantable
                           from pg_catalog.aclexplode(
                                case when a.schema = '.*' then pg_catalog.acldefault(s.usual::"char", a.oid) end) o
                          where o.grantee = a.oid
                          order by 1)
         end as own,
         s.name || ':' || pg_catalog.lower(x.privilege_type) || ' '
           || case x.grantee when 0 then 'public' else pg_catalog.pg_get_userbyid(x.grantee)::text end as item
    from asked a
   cross join (values ('r', 'r', 'tables'), ('S', 's', 'sequences'), ('f', 'f', 'functions'), ('T', 'T', 'types'),
                      ('n', 'n', 'schemas'), ('L', 'L', 'large objects')) as s (code, usual, name)
    left join pg_catalog.pg_default_acl d
      on d.defaclrole = a.oid and d.defaclnamespace = a.schema_oid and d.defaclobjtype = s.code::"char"
    left join lateral pg_catalog.aclexplode(
           coalesce(d.defaclacl, case when a.schema = '.*' then pg_catalog.acldefault(s.usual::"char", a.oid) end)) x
      on x.grantee <> a.oid
)
select a.role,
       a.schema,
       a.oid is null as gone,
       pg_catalog.bool_or(g.stored) as stored,
       coalesce(pg_catalog.array_agg(distinct g.item) filter (where g.item is not null), array[]::text[]) as grants,
       coalesce(pg_catalog.array_agg(distinct g.item) filter (where g.is_grantable), array[]::text[]) as grantable,
       a.schema = '.*' as everywhere,
       coalesce(pg_catalog.array_agg(distinct g.sort) filter (where g.own), array[]::text[]) as own
  from asked a
  join given g on g.role = a.role and g.schema = a.schema
 group by a.role, a.schema, a.oid
 order by 1, 2

-- Default privileges of the roles that the contract names, in a schema, or for ".*" in all: there PostgreSQL's own count.
-- own: of the role itself, what it gets in a schema, or for ".*" does not get and would by itself.
with asked as (
  select r.oid, w.role, w.schema, n.oid as schema_oid
    from rows from (pg_catalog.unnest(%(role)s::text[]), pg_catalog.unnest(%(schema)s::text[])) as w (role, schema)
    left join pg_catalog.pg_roles r on r.rolname = w.role
    left join pg_catalog.pg_namespace n on n.nspname = w.schema and w.schema <> '.*'
   where w.schema = '.*' or n.oid is not null
), sorts as (
  select s.code, s.usual, s.name
    from (values ('r', 'r', 'tables'), ('S', 's', 'sequences'), ('f', 'f', 'functions'), ('T', 'T', 'types'),
                 ('n', 'n', 'schemas'), ('L', 'L', 'large objects')) as s (code, usual, name)
), given as (
  select a.role, a.schema, x.is_grantable,
         s.name || ':' || pg_catalog.lower(x.privilege_type) || ' '
           || case x.grantee when 0 then 'public' else pg_catalog.pg_get_userbyid(x.grantee)::text end as item
    from asked a
   cross join sorts s
    left join pg_catalog.pg_default_acl d
      on d.defaclrole = a.oid and d.defaclnamespace = coalesce(a.schema_oid, 0) and d.defaclobjtype = s.code::"char"
   cross join lateral pg_catalog.aclexplode(
           coalesce(d.defaclacl, case when a.schema = '.*' then pg_catalog.acldefault(s.usual::"char", a.oid) end)) x
   where x.grantee <> a.oid
)
select a.role,
       a.schema,
       a.oid is null as gone,
       exists (select
                 from pg_catalog.pg_default_acl d
                where d.defaclrole = a.oid and d.defaclnamespace = coalesce(a.schema_oid, 0)) as stored,
       array(select distinct g.item from given g where g.role = a.role and g.schema = a.schema order by 1) as grants,
       array(select distinct g.item
               from given g
              where g.role = a.role and g.schema = a.schema and g.is_grantable
              order by 1) as grantable,
       a.schema = '.*' as everywhere,
       array(select s.name || ':' || pg_catalog.lower(x.privilege_type) || ' ' || a.role
               from pg_catalog.pg_default_acl d
               join sorts s on s.code::"char" = d.defaclobjtype
              cross join pg_catalog.aclexplode(
                      case when a.schema = '.*' then pg_catalog.acldefault(s.usual::"char", a.oid) else d.defaclacl end) x
              where d.defaclrole = a.oid
                and d.defaclnamespace = coalesce(a.schema_oid, 0)
                and x.grantee = a.oid
                and not (a.schema = '.*'
                         and exists (select
                                       from pg_catalog.aclexplode(d.defaclacl) y
                                      where y.grantee = a.oid and y.privilege_type = x.privilege_type))
              order by 1) as own
  from asked a
 order by 1, 2

-- Schemas of the names that the contract gives: who owns them, and who may do what in them.
with acl as (
  select n.oid, x.grantee, x.is_grantable, pg_catalog.lower(x.privilege_type) as privilege,
         case x.grantee when 0 then 'public' else pg_catalog.pg_get_userbyid(x.grantee)::text end as role,
         x.grantee = n.nspowner as of_owner
    from pg_catalog.pg_namespace n
   cross join lateral pg_catalog.aclexplode(coalesce(n.nspacl, pg_catalog.acldefault('n', n.nspowner))) x
   where n.nspname = any (%(schema)s::name[])
), heirs as ( -- the roles that may have more than they were granted
  select r.oid, r.rolname::text as role
    from pg_catalog.pg_roles r
   where r.rolsuper
      or r.oid in (select m.member from pg_catalog.pg_auth_members m)
      or r.oid = (select d.datdba from pg_catalog.pg_database d where d.datname = pg_catalog.current_database())
)
select n.nspname::text as schema,
       pg_catalog.pg_get_userbyid(n.nspowner)::text as owner,
       array(select distinct a.privilege || ' ' || a.role from acl a where a.oid = n.oid order by 1) as grants,
       array(select p.name || ' ' || h.role
               from heirs h
              cross join pg_catalog.unnest(array['usage', 'create']) as p (name)
              where pg_catalog.has_schema_privilege(h.oid, n.oid, p.name)
              order by 1) as held,
       array(select distinct a.privilege || ' ' || a.role
               from acl a
              where a.oid = n.oid and a.is_grantable and not a.of_owner
              order by 1) as grantable
  from pg_catalog.pg_namespace n
 where n.nspname = any (%(schema)s::name[])
 order by 1

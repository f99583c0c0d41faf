-- Schemas of the names that the contract gives: who owns them, and who may do what in them. Those with one owner and the
-- same privileges are told by one of them.
with asked as (
  select n.oid, n.nspname, n.nspowner, coalesce(n.nspacl, pg_catalog.acldefault('n', n.nspowner)) as acl
    from pg_catalog.pg_namespace n
   where n.nspname = any (%(schema)s::name[])
), alike as materialized (
  select a.nspowner, a.acl::text as acl, pg_catalog.min(a.oid) as oid
    from asked a
   group by 1, 2
), heirs as materialized ( -- the roles that may have more than they were granted
  select r.oid, r.rolname::text as role
    from pg_catalog.pg_roles r
   where r.rolsuper
      or r.oid in (select m.member from pg_catalog.pg_auth_members m)
      or r.oid = (select d.datdba from pg_catalog.pg_database d where d.datname = pg_catalog.current_database())
), held as materialized (
  select a.nspowner, a.acl,
         array(select p.name || ' ' || h.role
                 from heirs h
                cross join pg_catalog.unnest(array['usage', 'create']) as p (name)
                where pg_catalog.has_schema_privilege(h.oid, a.oid, p.name)
                order by 1) as items
    from alike a
)
select a.nspname::text as schema,
       pg_catalog.pg_get_userbyid(a.nspowner)::text as owner,
       g.granted as grants,
       h.items as held,
       g.grantable,
       array(select r.rolname::text
               from pg_catalog.pg_roles r
              where r.rolsuper
                and r.oid = any (g.grantees)
              order by 1) as superusers
  from asked a
  join held h on h.nspowner = a.nspowner and h.acl = a.acl::text
 cross join lateral (
       select coalesce(pg_catalog.array_agg(distinct x.item), array[]::text[]) as granted,
              coalesce(pg_catalog.array_agg(distinct x.item) filter (where x.is_grantable and x.grantee <> a.nspowner),
                       array[]::text[]) as grantable,
              pg_catalog.array_agg(x.grantee) as grantees
         from (select e.grantee, e.is_grantable,
                      pg_catalog.lower(e.privilege_type) || ' '
                        || case e.grantee when 0 then 'public' else pg_catalog.pg_get_userbyid(e.grantee)::text end as item
                 from pg_catalog.aclexplode(a.acl) e) x) g
 order by 1

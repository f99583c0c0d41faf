-- Memberships that the contract names, and which of their roles do not exist. Several roles may have granted one; its
-- options came with PostgreSQL 16, but for ADMIN, and so did what a grant depends on: the admin option of who granted it.
select a.member,
       a.role,
       array(select w.name
               from pg_catalog.unnest(array[a.member, a.role]) as w (name)
              where not exists (select from pg_catalog.pg_roles o where o.rolname = w.name)) as gone,
       a.admin,
       a.inherit,
       a.set,
       coalesce(a.rolinherit, true) as inheriting,
       coalesce(a.grantors, array[]::text[]) as grantors
  from (select w.member, w.role, m.rolinherit,
               count(x.roleid) as grants,
               m.oid is null or r.oid is null as lost,
               pg_catalog.bool_or(x.admin_option) as admin,
               pg_catalog.bool_or((pg_catalog.to_jsonb(x) ->> 'inherit_option')::boolean) as inherit,
               pg_catalog.bool_or((pg_catalog.to_jsonb(x) ->> 'set_option')::boolean) as set,
               pg_catalog.array_agg(pg_catalog.pg_get_userbyid(x.grantor)::text order by x.grantor)
                 filter (where pg_catalog.to_jsonb(x) ? 'set_option') as grantors
          from rows from (pg_catalog.unnest(%(member)s::text[]), pg_catalog.unnest(%(role)s::text[])) as w (member, role)
          left join pg_catalog.pg_roles m on m.rolname = w.member
          left join pg_catalog.pg_roles r on r.rolname = w.role
          left join pg_catalog.pg_auth_members x on x.member = m.oid and x.roleid = r.oid
         group by w.member, w.role, m.rolinherit, m.oid, r.oid) a
 where a.grants > 0 or a.lost
 order by 1, 2

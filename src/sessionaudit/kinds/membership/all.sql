-- All memberships, which have no schema.
select distinct m.rolname::text as member,
       r.rolname::text as role
  from pg_catalog.pg_auth_members x
  join pg_catalog.pg_roles m on m.oid = x.member
  join pg_catalog.pg_roles r on r.oid = x.roleid
 where pg_catalog.cardinality(%(schemas)s::name[]) > 0
 order by 1, 2

-- The policies of relations that bind roles: directly, through PUBLIC, or by membership.
select r.rolname::text,
       p.polrelid,
       p.polname::text,
       p.polcmd::text,
       p.polpermissive,
       coalesce(pg_catalog.pg_get_expr(p.polqual, p.polrelid), ''),
       coalesce(pg_catalog.pg_get_expr(p.polwithcheck, p.polrelid), '')
  from pg_catalog.unnest(%(roles)s::text[]) as w (role)
  join pg_catalog.pg_roles r on r.rolname = w.role
  join pg_catalog.pg_policy p on p.polrelid = any (%(relations)s::oid[])
 where 0 = any (p.polroles)
    or exists (select from pg_catalog.unnest(p.polroles) as o (oid)
                where o.oid <> 0 and pg_catalog.pg_has_role(r.oid, o.oid, 'usage'))
 order by r.rolname, p.polrelid, p.polname

-- The role of a session: one row.
select r.rolname::text as name,
       session_user::text as connected,
       r.rolsuper as superuser,
       r.rolbypassrls as bypasses,
       r.rolcreaterole as makes_roles,
       array(select m.rolname::text
               from pg_catalog.pg_roles m
              where m.oid <> r.oid
                and pg_catalog.pg_has_role(r.oid, m.oid, 'member')
                and not r.rolsuper
              order by m.rolname collate "C") as member_of
  from pg_catalog.pg_roles r
 where r.rolname = current_user

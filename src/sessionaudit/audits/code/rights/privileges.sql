-- What roles may do with relations; a role that does not exist has no row.
select r.rolname::text,
       c.oid,
       pg_catalog.has_schema_privilege(r.oid, c.relnamespace, 'usage'),
       array(select p.name
               from (values ('select'), ('insert'), ('update'), ('delete')) as p (name)
              where pg_catalog.has_table_privilege(r.oid, c.oid, p.name)
              order by p.name),
       array(select p.name || ' ' || a.attname::text
               from pg_catalog.pg_attribute a
              cross join (values ('select'), ('insert'), ('update')) as p (name)
              where a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
                and pg_catalog.has_column_privilege(r.oid, c.oid, a.attnum, p.name)
              order by p.name, a.attnum),
       -- Whether row security binds the role.
       c.relrowsecurity and not r.rolbypassrls and not r.rolsuper
         and (c.relforcerowsecurity or not pg_catalog.pg_has_role(r.oid, c.relowner, 'usage'))
  from pg_catalog.unnest(%(roles)s::text[]) as w (role)
  join pg_catalog.pg_roles r on r.rolname = w.role
 cross join pg_catalog.pg_class c
 where c.oid = any (%(relations)s::oid[])
 order by r.rolname, c.oid

-- What a database knows of PostgREST: one row.
select exists (select from pg_catalog.pg_roles r where r.rolname = 'authenticator') as used,
       array(select t.evtname::text || case when t.evtenabled = 'D' then ' (disabled)' else '' end
               from pg_catalog.pg_event_trigger t
              where t.evtname in ('pgrst_ddl_watch', 'pgrst_drop_watch')
              order by t.evtname) as watching,
       (select pg_catalog.substring(c.setting, 'pgrst\.db_schemas=(.*)')
          from pg_catalog.pg_db_role_setting s
          join pg_catalog.pg_roles r on r.oid = s.setrole and r.rolname = 'authenticator'
         cross join lateral pg_catalog.unnest(s.setconfig) as c (setting)
         where s.setdatabase in (0, (select d.oid from pg_catalog.pg_database d
                                      where d.datname = pg_catalog.current_database()))
           and c.setting ~ '^pgrst.db_schemas='
         order by s.setdatabase desc
         limit 1) as exposed,
       array(select r.rolname::text
               from pg_catalog.pg_roles r
              where r.rolname in ('anon', 'authenticated', 'service_role')
              order by r.rolname) as roles,
       -- Default privileges on tables that the role makes in the schema, or anywhere.
       array(select distinct g.rolname::text || ' (' || x.privilege_type || ')'
               from pg_catalog.pg_default_acl a
              cross join lateral pg_catalog.aclexplode(a.defaclacl) as x
               join pg_catalog.pg_roles g on g.oid = x.grantee
              where a.defaclobjtype = 'r'
                and a.defaclrole = (select r.oid from pg_catalog.pg_roles r where r.rolname = current_user)
                and a.defaclnamespace in (0, coalesce((select n.oid from pg_catalog.pg_namespace n
                                                        where n.nspname = %(schema)s), 0))
                and g.rolname in ('anon', 'authenticated', 'service_role')
                and x.privilege_type in ('SELECT', 'INSERT', 'UPDATE', 'DELETE')
              order by 1) as granted

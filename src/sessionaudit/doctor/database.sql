-- What the role may do with the database, and which catalogs it may not read: one row.
select pg_catalog.current_database()::text as database,
       current_user::text as role,
       pg_catalog.has_database_privilege(pg_catalog.current_database(), 'temporary') as temporary,
       array(select w.name
               from pg_catalog.unnest(%(catalogs)s::text[]) as w (name)
               join pg_catalog.pg_class c
                 on c.relname = w.name and c.relnamespace = 'pg_catalog'::pg_catalog.regnamespace
              where not pg_catalog.has_table_privilege(c.oid, 'select')
              order by w.name) as hidden

-- The tables in some schemas that publications name, with the publications of all tables.
select t.pubname::text as publication,
       t.schemaname::text as schema,
       t.tablename::text as name
  from pg_catalog.pg_publication_tables t
 where t.schemaname = any (%(schemas)s::name[])
 order by 1, 2, 3

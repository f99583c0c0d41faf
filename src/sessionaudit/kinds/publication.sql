-- Which of the contract's tables are in the publications that it names: listed, with their schema, or with all.
-- The view knows of every way but one: a partitioned table is listed itself where its partitions are published.
select p.pubname::text as publication,
       n.nspname::text as schema,
       c.relname::text as name
  from pg_catalog.pg_publication p
  join pg_catalog.pg_class c on c.oid = any (%(relation)s::oid[])
  join pg_catalog.pg_namespace n on n.oid = c.relnamespace
 where p.pubname = any (%(publication)s::name[])
   and (exists (select
                  from pg_catalog.pg_publication_tables t
                 where t.pubname = p.pubname and t.schemaname = n.nspname and t.tablename = c.relname)
        or exists (select
                     from pg_catalog.pg_publication_rel r
                    where r.prpubid = p.oid and r.prrelid = c.oid))
 order by 1, 2, 3

-- Which of the contract's tables are in the publications that it names: listed, with their schema, or with all.
-- refusing: the table, or those of its partitions, that have no replica identity, so that PostgreSQL refuses every UPDATE
-- and DELETE there which the publication would send (error 55000).
-- columns, condition: those that the publication lists with the table, since PostgreSQL 15. The condition of a partitioned
-- table has no effect unless its changes are published as its own: the view leaves it out.
-- The view gives a partitioned table's partitions in its stead, unless changes are published as the table's own.
with listed as (
  select t.pubname, t.schemaname, t.tablename, pg_catalog.to_jsonb(t) ->> 'rowfilter' as condition
    from pg_catalog.pg_publication_tables t
   where t.pubname = any (%(publication)s::name[])
), asked as (
  select c.oid
    from rows from (pg_catalog.unnest(%(schema)s::name[]), pg_catalog.unnest(%(name)s::name[])) as w (schema, name)
    join pg_catalog.pg_namespace n on n.nspname = w.schema
    join pg_catalog.pg_class c on c.relnamespace = n.oid and c.relname = w.name
   union
  select r.oid
    from pg_catalog.unnest(%(relation)s::oid[]) as r (oid)
), tables as (
  select c.oid, n.nspname, c.relname, c.relkind
    from asked
    join pg_catalog.pg_class c on c.oid = asked.oid
    join pg_catalog.pg_namespace n on n.oid = c.relnamespace
), found as materialized (
  select l.pubname::text as publication,
         t.nspname::text as schema,
         t.relname::text as name,
         t.oid
    from tables t
    join listed l on l.schemaname = t.nspname and l.tablename = t.relname
   union
  select p.pubname::text,
         t.nspname::text,
         t.relname::text,
         t.oid
    from tables t
    join pg_catalog.pg_publication_rel r on r.prrelid = t.oid
    join pg_catalog.pg_publication p on p.oid = r.prpubid
   where p.pubname = any (%(publication)s::name[])
   union
  select l.pubname::text,
         t.nspname::text,
         t.relname::text,
         t.oid
    from tables t
   cross join lateral pg_catalog.pg_partition_tree(t.oid) x
    join pg_catalog.pg_class c on c.oid = x.relid
    join pg_catalog.pg_namespace n on n.oid = c.relnamespace
    join listed l on l.schemaname = n.nspname and l.tablename = c.relname
   where t.relkind = 'p'
     and x.isleaf
   group by 1, 2, 3, 4
  having pg_catalog.count(*) = (select pg_catalog.count(*)
                                  from pg_catalog.pg_partition_tree(t.oid) y
                                 where y.isleaf
                                   and y.level > 0)
), leaves as (
  select f.oid as root, c.oid, c.relreplident
    from found f
    join pg_catalog.pg_class c on c.oid = f.oid
   where c.relkind = 'r'
   union
  select f.oid, c.oid, c.relreplident
    from found f
    join pg_catalog.pg_class p on p.oid = f.oid and p.relkind = 'p'
   cross join lateral pg_catalog.pg_partition_tree(f.oid) x
    join pg_catalog.pg_class c on c.oid = x.relid
   where x.isleaf
     and c.relkind = 'r'
), bare as materialized (
  select l.root, l.oid
    from leaves l
   where l.relreplident <> 'f'
     and not exists (select
                       from pg_catalog.pg_index i
                      where i.indrelid = l.oid
                        and i.indisvalid
                        and i.indimmediate
                        and (l.relreplident = 'd' and i.indisprimary or l.relreplident = 'i' and i.indisreplident))
)
select f.publication, f.schema, f.name,
       case when p.pubupdate or p.pubdelete
            then array(select b.oid::pg_catalog.regclass::text
                         from bare b
                        where b.root = f.oid
                        order by 1)
            else '{}' end as refusing,
       array(select a.attname::text
               from pg_catalog.pg_attribute a
              where a.attrelid = r.prrelid
                and pg_catalog.to_jsonb(r) -> 'prattrs' @> pg_catalog.to_jsonb(a.attnum)
              order by 1) as columns,
       case when r.oid is not null
            then (select l.condition
                    from listed l
                   where l.pubname = p.pubname and l.schemaname::text = f.schema and l.tablename::text = f.name)
            end as condition,
       r.oid is not null as listed
  from found f
  join pg_catalog.pg_publication p on p.pubname = f.publication
  left join pg_catalog.pg_publication_rel r on r.prpubid = p.oid and r.prrelid = f.oid
 order by 1, 2, 3

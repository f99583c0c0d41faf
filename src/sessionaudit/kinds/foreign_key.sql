-- Foreign keys of the contract's tables, without those that PostgreSQL keeps of its own for a target's partitions.
-- One column is the rule, and twice as cheap to look up by itself.
-- primary_key: that of the target, in its order, where the foreign key leads to all of it.
-- on_delete: the action, followed by the columns of SET NULL (columns) and SET DEFAULT (columns), PostgreSQL 15 and later.
select c.conrelid as relation,
       c.conname::text as name,
       case when pg_catalog.cardinality(c.conkey) = 1
            then array[(select a.attname::text
                          from pg_catalog.pg_attribute a
                         where a.attrelid = c.conrelid and a.attnum = c.conkey[1])]
            else array(select a.attname::text
                         from pg_catalog.unnest(c.conkey) with ordinality as k (number, position)
                         join pg_catalog.pg_attribute a on a.attrelid = c.conrelid and a.attnum = k.number
                        order by k.position) end as columns,
       array[n.nspname::text, t.relname::text] as target,
       case when pg_catalog.cardinality(c.confkey) = 1
            then array[(select a.attname::text
                          from pg_catalog.pg_attribute a
                         where a.attrelid = c.confrelid and a.attnum = c.confkey[1])]
            else array(select a.attname::text
                         from pg_catalog.unnest(c.confkey) with ordinality as k (number, position)
                         join pg_catalog.pg_attribute a on a.attrelid = c.confrelid and a.attnum = k.number
                        order by k.position) end as target_columns,
       array(select a.attname::text
               from pg_catalog.pg_constraint p
              cross join pg_catalog.unnest(p.conkey) with ordinality as k (number, position)
               join pg_catalog.pg_attribute a on a.attrelid = p.conrelid and a.attnum = k.number
              where p.conrelid = c.confrelid
                and p.contype = 'p'
                and p.conkey @> c.confkey
                and p.conkey <@ c.confkey
              order by k.position) as primary_key,
       case c.confmatchtype when 'f' then 'full' when 'p' then 'partial' else '' end as match,
       case c.confupdtype when 'r' then 'restrict' when 'c' then 'cascade' when 'n' then 'set null'
                          when 'd' then 'set default' else '' end as on_update,
       array[case c.confdeltype when 'r' then 'restrict' when 'c' then 'cascade' when 'n' then 'set null'
                                when 'd' then 'set default' else '' end]
         || case when c.confdeltype in ('n', 'd')
                 then array(select a.attname::text
                              from pg_catalog.jsonb_array_elements_text(
                                     nullif(pg_catalog.to_jsonb(c) -> 'confdelsetcols', 'null')) as k (number)
                              join pg_catalog.pg_attribute a
                                on a.attrelid = c.conrelid and a.attnum = k.number::int2
                             order by 1)
                 else '{}' end as on_delete,
       case when c.condeferred then 'deferrable initially deferred'
            when c.condeferrable then 'deferrable'
            else '' end as deferral,
       c.convalidated as validated
  from pg_catalog.pg_constraint c
  join pg_catalog.pg_class t on t.oid = c.confrelid
  join pg_catalog.pg_namespace n on n.oid = t.relnamespace
 where c.conrelid = any (%(relation)s::oid[])
   and c.contype = 'f'
   and not exists (select
                     from pg_catalog.pg_constraint p
                    where p.oid = c.conparentid
                      and p.conrelid = c.conrelid)
 order by 1, 2

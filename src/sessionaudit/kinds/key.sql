-- Primary keys and unique constraints of the contract's tables.
select c.conrelid as relation,
       c.conname::text as name,
       case c.contype when 'p' then 'primary key' else 'unique' end as type,
       case when pg_catalog.cardinality(c.conkey) = 1
            then array[(select a.attname::text
                          from pg_catalog.pg_attribute a
                         where a.attrelid = c.conrelid and a.attnum = c.conkey[1])]
            else array(select a.attname::text
                         from pg_catalog.unnest(c.conkey) with ordinality as k (number, position)
                         join pg_catalog.pg_attribute a on a.attrelid = c.conrelid and a.attnum = k.number
                        order by k.position) end as columns,
       case when i.indnatts = i.indnkeyatts then '{}'::text[]
            else array(select a.attname::text
                         from pg_catalog.unnest(i.indkey::int2[]) with ordinality as k (number, position)
                         join pg_catalog.pg_attribute a on a.attrelid = c.conrelid and a.attnum = k.number
                        where k.position > i.indnkeyatts
                        order by k.position) end as include,
       c.contype = 'u'
         and pg_catalog.pg_get_constraintdef(c.oid) like 'UNIQUE NULLS NOT DISTINCT%%' as nulls_not_distinct,
       coalesce(pg_catalog.to_jsonb(c) ->> 'conperiod' = 'true', false) as without_overlaps,
       case when c.condeferred then 'deferrable initially deferred'
            when c.condeferrable then 'deferrable'
            else '' end as deferral
  from pg_catalog.pg_constraint c
  join pg_catalog.pg_index i on i.indexrelid = c.conindid
 where c.conrelid = any (%(relation)s::oid[])
   and c.contype in ('p', 'u')
 order by 1, 2

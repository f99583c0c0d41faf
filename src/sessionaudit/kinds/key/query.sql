-- Primary keys and unique constraints of the contract's tables.
-- lacking: the partitions without the index, where that is not valid. off: the relations on which the trigger by which
-- a deferrable key is held does not fire, partitions too. bare: child tables, other than partitions, without such a key.
with recursive off as (
  select t.tgconstraint as key, t.tgrelid as relation
    from pg_catalog.pg_trigger t
   where t.tgisinternal
     and t.tgconstraint <> 0
     and t.tgenabled in ('D', 'R')
   union
  select k.conparentid, o.relation
    from off o
    join pg_catalog.pg_constraint k on k.oid = o.key
   where k.conparentid <> 0
), children as (
  select h.inhparent as root, h.inhrelid as oid
    from pg_catalog.pg_inherits h
    join pg_catalog.pg_class r on r.oid = h.inhrelid
   where h.inhparent = any (%(relation)s::oid[])
     and not r.relispartition
   union
  select p.root, h.inhrelid
    from children p
    join pg_catalog.pg_inherits h on h.inhparent = p.oid
)
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
         and pg_catalog.pg_get_constraintdef(c.oid) like 'UNIQUE NULLS NOT DISTINCT%' as nulls_not_distinct,
       coalesce(pg_catalog.to_jsonb(c) ->> 'conperiod' = 'true', false) as without_overlaps,
       case when c.condeferred then 'deferrable initially deferred'
            when c.condeferrable then 'deferrable'
            else '' end as deferral,
       i.indisvalid and i.indisready and i.indislive as valid,
       case when i.indisvalid then '{}'
            else array(select h.inhrelid::pg_catalog.regclass::text
                         from pg_catalog.pg_inherits h
                        where h.inhparent = c.conrelid
                          and not exists (select
                                            from pg_catalog.pg_inherits x
                                            join pg_catalog.pg_index j on j.indexrelid = x.inhrelid
                                           where x.inhparent = i.indexrelid
                                             and j.indrelid = h.inhrelid
                                             and j.indisvalid)
                        order by 1) end as lacking,
       case when c.oid in (select o.key from off o)
            then array(select distinct o.relation::pg_catalog.regclass::text
                         from off o
                        where o.key = c.oid
                        order by 1)
            else '{}' end as off,
       case when c.conrelid in (select h.root from children h)
            then array(select h.oid::pg_catalog.regclass::text
                         from children h
                        where h.root = c.conrelid
                          and not exists (select
                                            from pg_catalog.pg_constraint k
                                           where k.conrelid = h.oid
                                             and k.contype in ('p', 'u')
                                             and array(select a.attname
                                                         from pg_catalog.unnest(k.conkey) with ordinality as n (number, position)
                                                         join pg_catalog.pg_attribute a
                                                           on a.attrelid = k.conrelid and a.attnum = n.number
                                                        order by a.attname)
                                               = array(select a.attname
                                                         from pg_catalog.unnest(c.conkey) with ordinality as n (number, position)
                                                         join pg_catalog.pg_attribute a
                                                           on a.attrelid = c.conrelid and a.attnum = n.number
                                                        order by a.attname))
                        order by 1)
            else '{}' end as bare,
       c.conparentid <> 0 as inherited
  from pg_catalog.pg_constraint c
  join pg_catalog.pg_index i on i.indexrelid = c.conindid
 where c.conrelid = any (%(relation)s::oid[])
   and c.contype in ('p', 'u')
 order by 1, 2

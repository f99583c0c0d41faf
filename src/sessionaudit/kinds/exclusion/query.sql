-- Exclusion constraints of the contract's tables.
-- lacking: the partitions without the index, where that is not valid. off: the relations on which the trigger by which
-- a deferrable one is held does not fire, partitions too. bare: child tables, other than partitions, without one that
-- reads the same.
with recursive off as (
  select t.tgconstraint as constraint, t.tgrelid as relation
    from pg_catalog.pg_trigger t
    join pg_catalog.pg_constraint k on k.oid = t.tgconstraint
   where t.tgisinternal
     and k.contype = 'x'
     and t.tgenabled in ('D', 'R')
   union
  select k.conparentid, o.relation
    from off o
    join pg_catalog.pg_constraint k on k.oid = o.constraint
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
       pg_catalog.regexp_replace(pg_catalog.substr(pg_catalog.pg_get_constraintdef(c.oid), 15),
         ' DEFERRABLE( INITIALLY DEFERRED)?$', '') as definition,
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
       case when c.oid in (select o.constraint from off o)
            then array(select distinct o.relation::pg_catalog.regclass::text
                         from off o
                        where o.constraint = c.oid
                        order by 1)
            else '{}' end as off,
       case when c.conrelid in (select h.root from children h)
            then array(select h.oid::pg_catalog.regclass::text
                         from children h
                        where h.root = c.conrelid
                          and not exists (select
                                            from pg_catalog.pg_constraint k
                                           where k.conrelid = h.oid
                                             and k.contype = 'x'
                                             and pg_catalog.pg_get_constraintdef(k.oid) = pg_catalog.pg_get_constraintdef(c.oid))
                        order by 1)
            else '{}' end as bare,
       c.conparentid <> 0 as inherited
  from pg_catalog.pg_constraint c
  join pg_catalog.pg_index i on i.indexrelid = c.conindid
 where c.conrelid = any (%(relation)s::oid[])
   and c.contype = 'x'
 order by 1, 2

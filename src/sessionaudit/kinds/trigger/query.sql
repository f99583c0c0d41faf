-- Triggers of the contract's tables, without those by which PostgreSQL keeps constraints.
-- A partition's copy of a partitioned table's trigger is called internal before PostgreSQL 15.
-- The definition is cut after the name.
-- others: of a partitioned table's trigger, the partitions whose copies are in another state; for those alone fire.
with recursive copies as (
  select o.oid as trigger, c.oid as copy
    from pg_catalog.pg_trigger o
    join pg_catalog.pg_partitioned_table p on p.partrelid = o.tgrelid -- which spares reading all others
    join pg_catalog.pg_trigger c on c.tgparentid = o.oid
   where o.tgrelid = any (%(relation)s::oid[])
   union
  select p.trigger, c.oid
    from copies p
    join pg_catalog.pg_trigger c on c.tgparentid = p.copy
), differing as materialized (
  select p.trigger, c.tgrelid as relation
    from copies p
    join pg_catalog.pg_trigger o on o.oid = p.trigger
    join pg_catalog.pg_trigger c on c.oid = p.copy
   where c.tgenabled <> o.tgenabled
)
select t.tgrelid as relation,
       t.tgname::text as name,
       case when t.tgconstraint <> 0 then 'constraint ' else '' end
         || pg_catalog.substr(x.definition, pg_catalog.length(pg_catalog.format(
              'CREATE %sTRIGGER %I ', case when t.tgconstraint <> 0 then 'CONSTRAINT ' else '' end, t.tgname)) + 1)
         as definition,
       case t.tgenabled when 'D' then 'disabled' when 'R' then 'replica' when 'A' then 'always'
                        else 'enabled' end as enabled,
       array(select d.relation::pg_catalog.regclass::text
               from differing d
              where d.trigger = t.oid
              order by 1) as others,
       t.tgparentid <> 0 as inherited
  from pg_catalog.pg_trigger t
 cross join lateral (select pg_catalog.pg_get_triggerdef(t.oid) as definition) x
 where t.tgrelid = any (%(relation)s::oid[])
   and (not t.tgisinternal or t.tgparentid <> 0 and t.tgconstrrelid = 0)
 order by 1, 2

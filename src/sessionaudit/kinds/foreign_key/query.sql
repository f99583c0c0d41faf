-- Foreign keys of the contract's tables, without those that PostgreSQL keeps of its own for a target's partitions.
-- One column is the rule, and twice as cheap to look up by itself.
-- primary_key: that of the target, in its order, where the foreign key leads to all of it.
-- on_delete: the action, followed by the columns of SET NULL (columns) and SET DEFAULT (columns), PostgreSQL 15 and later.
-- off: the relations on which a trigger by which it is held does not fire, of its copies for partitions, too.
-- bare: the child tables, other than partitions, that have no such foreign key: none of their parents' holds for them.
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
       case when pg_catalog.cardinality(c.confkey) = 1
            then case when exists (select
                                     from pg_catalog.pg_constraint p
                                    where p.conrelid = c.confrelid
                                      and p.contype = 'p'
                                      and p.conkey = c.confkey)
                      then array[(select a.attname::text
                                    from pg_catalog.pg_attribute a
                                   where a.attrelid = c.confrelid and a.attnum = c.confkey[1])]
                      else '{}' end
            else array(select a.attname::text
                         from pg_catalog.pg_constraint p
                        cross join pg_catalog.unnest(p.conkey) with ordinality as k (number, position)
                         join pg_catalog.pg_attribute a on a.attrelid = p.conrelid and a.attnum = k.number
                        where p.conrelid = c.confrelid
                          and p.contype = 'p'
                          and p.conkey @> c.confkey
                          and p.conkey <@ c.confkey
                        order by k.position) end as primary_key,
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
       c.convalidated as validated,
       exists (select
                 from pg_catalog.pg_index i
                where i.indexrelid = c.conindid
                  and i.indisexclusion) as period,
       c.convalidated or coalesce(pg_catalog.to_jsonb(c) ->> 'conenforced' = 'true', true) as enforced,
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
                                             and k.contype = 'f'
                                             and k.confrelid = c.confrelid
                                             and array(select a.attname
                                                         from pg_catalog.unnest(k.conkey) with ordinality as n (number, position)
                                                         join pg_catalog.pg_attribute a
                                                           on a.attrelid = k.conrelid and a.attnum = n.number
                                                        order by n.position)
                                               = array(select a.attname
                                                         from pg_catalog.unnest(c.conkey) with ordinality as n (number, position)
                                                         join pg_catalog.pg_attribute a
                                                           on a.attrelid = c.conrelid and a.attnum = n.number
                                                        order by n.position))
                        order by 1)
            else '{}' end as bare,
       c.conparentid <> 0 as inherited,
       coalesce((select i.relname from pg_catalog.pg_class i where i.oid = c.conindid), '')::text as rests_on
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

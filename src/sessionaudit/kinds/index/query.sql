-- Indexes of the contract's tables, without those that belong to a constraint.
-- lacking: the partitions without it, where it is not valid: by turns schema, name, relkind, an index that can be attached
-- or "", and whether none has the name that is made of both names.
-- A table's or index's name may hold " USING ", so the definition is cut after what precedes it.
select i.indrelid as relation,
       c.relname::text as name,
       i.indisunique as unique,
       pg_catalog.substr(x.definition, pg_catalog.length(pg_catalog.format(
         'CREATE %sINDEX %I ON %s%I.%I USING ',
         case when i.indisunique then 'UNIQUE ' else '' end, c.relname,
         case when c.relkind = 'I' then 'ONLY ' else '' end, n.nspname, t.relname)) + 1) as definition,
       i.indisvalid and i.indisready and i.indislive as valid,
       c.relispartition as inherited,
       case when c.relkind = 'I' and not i.indisvalid
            then array(select z.text
                         from pg_catalog.pg_inherits h
                         join pg_catalog.pg_class p on p.oid = h.inhrelid
                         join pg_catalog.pg_namespace s on s.oid = p.relnamespace
                        cross join lateral (values
                                (1, s.nspname::text),
                                (2, p.relname::text),
                                (3, p.relkind::text),
                                (4, coalesce((select pg_catalog.min(o.relname::text)
                                                from pg_catalog.pg_index j
                                                join pg_catalog.pg_class o on o.oid = j.indexrelid
                                               where j.indrelid = p.oid
                                                 and j.indisvalid
                                                 and j.indisunique = i.indisunique
                                                 and o.relkind = 'i'
                                                 and not o.relispartition
                                                 and not exists (select
                                                                   from pg_catalog.pg_constraint k
                                                                  where k.conindid = j.indexrelid
                                                                    and k.contype in ('p', 'u', 'x'))
                                                 and pg_catalog.substr(pg_catalog.pg_get_indexdef(j.indexrelid),
                                                       pg_catalog.length(pg_catalog.format(
                                                         'CREATE %sINDEX %I ON %I.%I USING ',
                                                         case when j.indisunique then 'UNIQUE ' else '' end,
                                                         o.relname, s.nspname, p.relname)) + 1)
                                                   = pg_catalog.substr(x.definition,
                                                       pg_catalog.length(pg_catalog.format(
                                                         'CREATE %sINDEX %I ON ONLY %I.%I USING ',
                                                         case when i.indisunique then 'UNIQUE ' else '' end,
                                                         c.relname, n.nspname, t.relname)) + 1)), '')),
                                (5, (pg_catalog.to_regclass(pg_catalog.format(
                                       '%I.%I', s.nspname, p.relname || '_' || c.relname)) is null)::text)
                              ) as z (place, text)
                        where h.inhparent = i.indrelid
                          and not exists (select
                                            from pg_catalog.pg_inherits y
                                            join pg_catalog.pg_index j on j.indexrelid = y.inhrelid
                                           where y.inhparent = i.indexrelid
                                             and j.indrelid = h.inhrelid
                                             and j.indisvalid)
                        order by s.nspname, p.relname, z.place)
            else '{}' end as lacking
  from pg_catalog.pg_index i
  join pg_catalog.pg_class c on c.oid = i.indexrelid
  join pg_catalog.pg_class t on t.oid = i.indrelid
  join pg_catalog.pg_namespace n on n.oid = t.relnamespace
  cross join lateral (select pg_catalog.pg_get_indexdef(i.indexrelid) as definition) x
 where i.indrelid = any (%(relation)s::oid[])
   and not exists (select
                     from pg_catalog.pg_constraint k
                    where k.conindid = i.indexrelid
                      and k.contype in ('p', 'u', 'x'))
 order by 1, 2

-- Materialized views among the relations that the contract declares as such, and what else has their name.
-- columns: name, type and collation of each, by turns.
select c.oid as relation,
       case c.relkind when 'm' then 'materialized view'
                      when 'v' then 'view'
                      when 'r' then 'table'
                      when 'p' then 'partitioned table'
                      else 'foreign table' end as kind,
       case when c.relkind = 'm' then pg_catalog.pg_get_viewdef(c.oid) else '' end as query,
       c.relispopulated as populated,
       pg_catalog.pg_get_userbyid(c.relowner)::text as owner,
       array(select y.text
               from pg_catalog.pg_attribute a
              cross join lateral (values (1, a.attname::text), (2, pg_catalog.format_type(a.atttypid, a.atttypmod)),
                                         (3, a.attcollation::pg_catalog.regcollation::text)) as y (place, text)
              where a.attrelid = c.oid
                and a.attnum > 0
                and not a.attisdropped
                and c.relkind = 'm'
              order by a.attnum, y.place) as columns
  from pg_catalog.pg_class c
 where c.oid = any (%(relation)s::oid[])
 order by 1

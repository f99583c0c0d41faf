-- Views among the relations that the contract declares as such, and what else has their name.
-- columns: name, type and collation of each, by turns. shown: the tables with row security that a view which others may
-- read shows as its owner sees them, whom policies do not bind, or the owner of another view that it reads; no reader is
-- whoever reads.
with recursive reads as (
  select v.oid as root, v.oid,
         case when not exists (select
                                 from pg_catalog.pg_options_to_table(v.reloptions) o
                                where o.option_name = 'security_invoker'
                                  and o.option_value::boolean)
              then v.relowner end as reader
    from pg_catalog.pg_class v
   where v.oid = any (%(relation)s::oid[])
     and v.relkind = 'v'
     and exists (select
                   from pg_catalog.aclexplode(v.relacl) x
                  where x.grantee <> v.relowner
                    and x.privilege_type = 'SELECT')
   union
  select s.root, t.oid,
         case when t.relkind = 'v'
                and not exists (select
                                  from pg_catalog.pg_options_to_table(t.reloptions) o
                                 where o.option_name = 'security_invoker'
                                   and o.option_value::boolean)
              then t.relowner
              else s.reader end
    from reads s
    join pg_catalog.pg_rewrite w on w.ev_class = s.oid
    join pg_catalog.pg_depend d on d.classid = 'pg_catalog.pg_rewrite'::pg_catalog.regclass and d.objid = w.oid
     and d.refclassid = 'pg_catalog.pg_class'::pg_catalog.regclass and d.refobjid <> s.oid
    join pg_catalog.pg_class t on t.oid = d.refobjid
   where t.relkind in ('v', 'r', 'p')
     and w.ev_type = '1'
), shown as materialized (
  select distinct s.root, s.oid
    from reads s
    join pg_catalog.pg_class t on t.oid = s.oid
    join pg_catalog.pg_roles r on r.oid = s.reader
   where t.relrowsecurity
     and (r.rolsuper or r.rolbypassrls
          or not t.relforcerowsecurity and pg_catalog.pg_has_role(s.reader, t.relowner, 'USAGE'))
)
select c.oid as relation,
       case c.relkind when 'v' then 'view'
                      when 'r' then 'table'
                      when 'p' then 'partitioned table'
                      when 'm' then 'materialized view'
                      else 'foreign table' end as kind,
       case when c.relkind = 'v' then pg_catalog.pg_get_viewdef(c.oid) else '' end as query,
       case when c.relkind = 'v'
            then array(select case o.option_name when 'check_option' then o.option_value || ' check option'
                                                 else o.option_name end
                         from pg_catalog.pg_options_to_table(c.reloptions) o
                        where o.option_name = 'check_option'
                           or o.option_value::boolean
                        order by 1)
            else '{}' end as options,
       pg_catalog.pg_get_userbyid(c.relowner)::text as owner,
       array(select s.oid::pg_catalog.regclass::text
               from shown s
              where s.root = c.oid
              order by 1) as shown,
       array(select y.text
               from pg_catalog.pg_attribute a
              cross join lateral (values (1, a.attname::text), (2, pg_catalog.format_type(a.atttypid, a.atttypmod)),
                                         (3, a.attcollation::pg_catalog.regcollation::text)) as y (place, text)
              where a.attrelid = c.oid
                and a.attnum > 0
                and not a.attisdropped
                and c.relkind = 'v'
              order by a.attnum, y.place) as columns
  from pg_catalog.pg_class c
 where c.oid = any (%(relation)s::oid[])
 order by 1

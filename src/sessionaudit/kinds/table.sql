-- Tables, partitioned tables, views and foreign tables among those that the contract names.
select c.oid as relation,
       case when not c.relrowsecurity and c.relforcerowsecurity then 'disabled but forced'
            when not c.relrowsecurity then 'disabled'
            when c.relforcerowsecurity then 'forced'
            else 'enabled' end as row_security,
       pg_catalog.pg_get_userbyid(c.relowner)::text as owner,
       case c.relkind when 'r' then 'table'
                      when 'p' then 'partitioned table'
                      when 'v' then 'view'
                      when 'm' then 'materialized view'
                      else 'foreign table' end as kind,
       c.relispartition as attached
  from pg_catalog.pg_class c
 where c.oid = any (%(relation)s::oid[])
 order by 1

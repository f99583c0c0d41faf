-- The relations that the queries of views with security_invoker read as whoever reads the view, and their columns.
with recursive invoking as (
  select c.oid
    from pg_catalog.pg_class c
    join pg_catalog.pg_namespace n on n.oid = c.relnamespace
   where c.relkind = 'v'
     and exists (select from pg_catalog.pg_options_to_table(c.reloptions) o
                  where o.option_name = 'security_invoker' and o.option_value::boolean)
), read as (
  select i.oid as view, d.refobjid as relation, d.refobjsubid as number
    from invoking i
    join pg_catalog.pg_rewrite r on r.ev_class = i.oid and r.rulename = '_RETURN'
    join pg_catalog.pg_depend d on d.classid = 'pg_catalog.pg_rewrite'::pg_catalog.regclass and d.objid = r.oid
   where d.refclassid = 'pg_catalog.pg_class'::pg_catalog.regclass and d.refobjid <> i.oid
), below as (
  select oid as top, oid as view from invoking where oid = any (%(relations)s::oid[])
  union
  select b.top, r.relation from below b join read r on r.view = b.view join invoking i on i.oid = r.relation
)
select b.top, c.oid, n.nspname::text, c.relname::text, c.relkind::text,
       pg_catalog.array_remove(pg_catalog.array_agg(distinct a.attname::text), null)
  from below b
  join read r on r.view = b.view
  join pg_catalog.pg_class c on c.oid = r.relation
  join pg_catalog.pg_namespace n on n.oid = c.relnamespace
  left join pg_catalog.pg_attribute a on a.attrelid = c.oid and a.attnum = r.number and r.number > 0
 group by b.top, c.oid, n.nspname, c.relname, c.relkind
 order by b.top, n.nspname, c.relname

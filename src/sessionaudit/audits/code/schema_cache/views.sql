-- The rewritten queries of views: their target lists tell which column of which table a column of the view is.
select c.oid, r.ev_action::text
  from pg_catalog.pg_class c
  join pg_catalog.pg_namespace n on n.oid = c.relnamespace
  join pg_catalog.pg_rewrite r on r.ev_class = c.oid and r.rulename = '_RETURN'
 where n.nspname = any (%(schemas)s)
   and c.relkind in ('v', 'm')
 order by c.oid

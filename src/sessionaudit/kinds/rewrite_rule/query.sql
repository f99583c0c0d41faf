-- Rewrite rules of the contract's tables and views, without those that views are.
-- The body is what follows the relation, whose name stands behind the first dot after the rule's own.
select w.ev_class as relation,
       w.rulename::text as name,
       case w.ev_type when '2' then 'update' when '3' then 'insert' else 'delete' end as event,
       pg_catalog.btrim(pg_catalog.substr(x.rest, pg_catalog.strpos(x.rest, x.before) + pg_catalog.length(x.before)),
         E'; \n') as body,
       case w.ev_enabled when 'D' then 'disabled' when 'R' then 'replica' when 'A' then 'always'
                         else 'enabled' end as enabled
  from pg_catalog.pg_rewrite w
  join pg_catalog.pg_class t on t.oid = w.ev_class
 cross join lateral (
         select pg_catalog.substr(pg_catalog.pg_get_ruledef(w.oid),
                  pg_catalog.length(pg_catalog.format('CREATE RULE %I AS', w.rulename)) + 1),
                pg_catalog.format('.%I', t.relname)) x (rest, before)
 where w.ev_class = any (%(relation)s::oid[])
   and w.ev_type <> '1'
 order by 1, 2

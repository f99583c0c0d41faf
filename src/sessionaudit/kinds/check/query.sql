-- Check constraints of the contract's tables.
select c.conrelid as relation,
       c.conname::text as name,
       pg_catalog.pg_get_expr(c.conbin, c.conrelid) as expression,
       c.connoinherit as no_inherit,
       c.convalidated as validated,
       c.convalidated or coalesce(pg_catalog.to_jsonb(c) ->> 'conenforced' = 'true', true) as enforced,
       not c.conislocal as inherited
  from pg_catalog.pg_constraint c
 where c.conrelid = any (%(relation)s::oid[])
   and c.contype = 'c'
 order by 1, 2

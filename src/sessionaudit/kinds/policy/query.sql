-- Policies of the contract's tables.
select p.polrelid as relation,
       p.polname::text as name,
       case p.polcmd when 'r' then 'select' when 'a' then 'insert' when 'w' then 'update'
                     when 'd' then 'delete' else 'all' end as command,
       p.polpermissive as permissive,
       array(select case when r.role = 0 then 'public' else pg_catalog.pg_get_userbyid(r.role)::text end
               from pg_catalog.unnest(p.polroles) as r (role)) as roles,
       pg_catalog.pg_get_expr(p.polqual, p.polrelid) as using,
       pg_catalog.pg_get_expr(p.polwithcheck, p.polrelid) as check
  from pg_catalog.pg_policy p
 where p.polrelid = any (%(relation)s::oid[])
 order by 1, 2

-- The roles, except the owner, that have privileges on relations in some schemas or on their columns. A relation
-- without such a role is returned with an impossible role.
select n.nspname::text as schema,
       c.relname::text as table,
       case when x.grantee is null then ''
            when x.grantee = 0 then 'public'
            else pg_catalog.pg_get_userbyid(x.grantee)::text end as role
  from pg_catalog.pg_class c
  join pg_catalog.pg_namespace n on n.oid = c.relnamespace
  left join lateral (
         select y.grantee
           from pg_catalog.aclexplode(coalesce(c.relacl, pg_catalog.acldefault('r', c.relowner))) y
          where y.grantee <> c.relowner
          union
         select y.grantee
           from pg_catalog.pg_attribute a
          cross join lateral pg_catalog.aclexplode(a.attacl) y
          where a.attrelid = c.oid
            and not a.attisdropped
            and y.grantee <> c.relowner) x on true
 where n.nspname = any (%(schemas)s::name[])
   and (%(among)s::oid[] is null or c.oid = any (%(among)s::oid[]))
   and c.relkind in ('r', 'p', 'v', 'm', 'f')
   and not exists (select
                     from pg_catalog.pg_depend d
                    where d.classid = 'pg_catalog.pg_class'::pg_catalog.regclass
                      and d.objid = c.oid
                      and d.deptype = 'e')
 order by 1, 2, 3

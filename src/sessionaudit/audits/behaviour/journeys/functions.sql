-- The functions that users have made, and those of extensions, with their text.
select p.oid::bigint, n.nspname::text, p.proname::text, l.lanname::text,
       l.lanpltrusted or l.lanname in ('internal', 'sql'),
       exists (
         select from pg_catalog.pg_depend d
          where d.classid = 'pg_catalog.pg_proc'::pg_catalog.regclass and d.objid = p.oid and d.deptype = 'e'
       ),
       -- A body in the form of the SQL standard is no text of the function.
       case when p.prosrc = '' and p.prokind in ('f', 'p') then pg_catalog.pg_get_functiondef(p.oid) else p.prosrc end
  from pg_catalog.pg_proc p
  join pg_catalog.pg_namespace n on n.oid = p.pronamespace
  join pg_catalog.pg_language l on l.oid = p.prolang
 where n.nspname <> 'pg_catalog' and n.nspname <> 'information_schema'
 order by 1

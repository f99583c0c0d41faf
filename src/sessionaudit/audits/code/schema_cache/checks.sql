-- Check constraints of the tables of some schemas, with the columns that each depends on.
select k.conrelid,
       k.conname::text,
       pg_catalog.pg_get_expr(k.conbin, k.conrelid),
       array(select a.attname::text
               from pg_catalog.unnest(k.conkey) with ordinality as u (attnum, place)
               join pg_catalog.pg_attribute a on a.attrelid = k.conrelid and a.attnum = u.attnum
              order by u.place),
       -- Whether it calls functions that are not the server's own: what these do is not known.
       not exists (select from pg_catalog.pg_depend d
                    where d.classid = 'pg_catalog.pg_constraint'::pg_catalog.regclass and d.objid = k.oid
                      and d.refclassid in ('pg_catalog.pg_proc'::pg_catalog.regclass,
                                           'pg_catalog.pg_operator'::pg_catalog.regclass))
  from pg_catalog.pg_constraint k
  join pg_catalog.pg_class c on c.oid = k.conrelid
  join pg_catalog.pg_namespace n on n.oid = c.relnamespace
 where k.contype = 'c'
   and n.nspname = any (%(schemas)s)
   and k.conkey is not null
 order by k.conrelid, k.conname

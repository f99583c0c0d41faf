-- All sequences in some schemas, but for those of extensions, of identity columns, and of serial columns that have what
-- `serial` implies: its name, the column's type, the usual options, and no privileges for others.
select n.nspname::text as schema,
       c.relname::text as name
  from pg_catalog.pg_class c
  join pg_catalog.pg_namespace n on n.oid = c.relnamespace
  join pg_catalog.pg_sequence s on s.seqrelid = c.oid
 where n.nspname = any (%(schemas)s::name[])
   and (%(among)s::oid[] is null or c.oid = any (%(among)s::oid[]))
   and c.relkind = 'S'
   and not exists (select
                     from pg_catalog.pg_depend d
                    where d.classid = 'pg_catalog.pg_class'::pg_catalog.regclass
                      and d.objid = c.oid
                      and d.deptype in ('e', 'i'))
   and not exists (select
                     from pg_catalog.pg_depend d
                     join pg_catalog.pg_class t on t.oid = d.refobjid and t.relnamespace = c.relnamespace
                     join pg_catalog.pg_attribute a on a.attrelid = t.oid and a.attnum = d.refobjsubid
                     join pg_catalog.pg_attrdef f on f.adrelid = t.oid and f.adnum = a.attnum
                     join pg_catalog.pg_depend u
                       on u.classid = 'pg_catalog.pg_attrdef'::pg_catalog.regclass and u.objid = f.oid
                      and u.refclassid = 'pg_catalog.pg_class'::pg_catalog.regclass and u.refobjid = c.oid
                    where d.classid = 'pg_catalog.pg_class'::pg_catalog.regclass
                      and d.objid = c.oid
                      and d.deptype = 'a'
                      and d.refclassid = 'pg_catalog.pg_class'::pg_catalog.regclass
                      and c.relname = pg_catalog.left(t.relname, greatest(29, 58 - pg_catalog.octet_length(a.attname)))
                                      || '_' || pg_catalog.left(a.attname, greatest(29, 58 - pg_catalog.octet_length(t.relname)))
                                      || '_seq'
                      and a.atttypid = s.seqtypid
                      and a.attnotnull
                      and s.seqstart = 1
                      and s.seqincrement = 1
                      and s.seqmin = 1
                      and s.seqmax = case s.seqtypid when 'pg_catalog.int2'::pg_catalog.regtype then 32767
                                                     when 'pg_catalog.int4'::pg_catalog.regtype then 2147483647
                                                     else 9223372036854775807 end
                      and s.seqcache = 1
                      and not s.seqcycle
                      and c.relpersistence in (t.relpersistence, 'p')
                      and (c.relacl is null
                           or not exists (select
                                            from pg_catalog.aclexplode(c.relacl) x
                                           where x.grantee <> c.relowner)))
 order by 1, 2

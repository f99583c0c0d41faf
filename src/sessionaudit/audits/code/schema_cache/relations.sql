-- Relations of some schemas, but for partitions: what PostgREST can read and write by name.
select c.oid,
       n.nspname::text,
       c.relname::text,
       c.relkind::text,
       c.relrowsecurity,
       pg_catalog.pg_get_userbyid(c.relowner)::text,
       -- What fills columns of a row before the constraints are checked.
       exists (select from pg_catalog.pg_trigger t
                where t.tgrelid = c.oid and not t.tgisinternal and t.tgenabled in ('O', 'A')
                  and t.tgtype & 1 = 1 and t.tgtype & 2 = 2 and t.tgtype & 4 = 4),
       exists (select from pg_catalog.pg_trigger t
                where t.tgrelid = c.oid and not t.tgisinternal and t.tgenabled in ('O', 'A')
                  and t.tgtype & 1 = 1 and t.tgtype & 2 = 2 and t.tgtype & 16 = 16),
       exists (select from pg_catalog.pg_rewrite r where r.ev_class = c.oid and r.rulename <> '_RETURN')
  from pg_catalog.pg_class c
  join pg_catalog.pg_namespace n on n.oid = c.relnamespace
 where n.nspname = any (%(schemas)s)
   and c.relkind in ('r', 'p', 'v', 'm', 'f')
   and not c.relispartition
 order by n.nspname, c.relname

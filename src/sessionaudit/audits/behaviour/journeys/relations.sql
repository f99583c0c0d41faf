-- The relations of users, with what a change of their rows may run, reach and move.
select n.nspname::text, c.relname::text, c.relkind::text,
       array(
         select t.tgfoid::bigint from pg_catalog.pg_trigger t
          where t.tgrelid = c.oid and not t.tgisinternal and t.tgenabled <> 'D' order by 1
       ),
       array( -- of its defaults, checks, policies, rules and indexes, and of the checks of its columns' domains
         select d.refobjid::bigint
           from pg_catalog.pg_depend d
          where d.refclassid = 'pg_catalog.pg_proc'::pg_catalog.regclass
            and (d.classid = 'pg_catalog.pg_attrdef'::pg_catalog.regclass
                 and d.objid in (select a.oid from pg_catalog.pg_attrdef a where a.adrelid = c.oid)
                 or d.classid = 'pg_catalog.pg_constraint'::pg_catalog.regclass
                 and d.objid in (select o.oid from pg_catalog.pg_constraint o where o.conrelid = c.oid)
                 or d.classid = 'pg_catalog.pg_policy'::pg_catalog.regclass
                 and d.objid in (select p.oid from pg_catalog.pg_policy p where p.polrelid = c.oid)
                 or d.classid = 'pg_catalog.pg_rewrite'::pg_catalog.regclass
                 and d.objid in (select r.oid from pg_catalog.pg_rewrite r where r.ev_class = c.oid)
                 or d.classid = 'pg_catalog.pg_class'::pg_catalog.regclass
                 and d.objid in (select i.indexrelid from pg_catalog.pg_index i where i.indrelid = c.oid)
                 or d.classid = 'pg_catalog.pg_constraint'::pg_catalog.regclass
                 and d.objid in (select o.oid from pg_catalog.pg_constraint o
                                   join pg_catalog.pg_attribute a on a.atttypid = o.contypid
                                  where a.attrelid = c.oid and o.contypid <> 0))
          order by 1
       ),
       array( -- to which a foreign key passes on what happens to a row, and its partitions and children
         select rn.nspname::text || '.' || rc.relname::text
           from (
             select o.conrelid as oid from pg_catalog.pg_constraint o
              where o.confrelid = c.oid and o.contype = 'f' and (o.confdeltype not in ('a', 'r') or o.confupdtype not in ('a', 'r'))
             union
             select i.inhrelid from pg_catalog.pg_inherits i where i.inhparent = c.oid
           ) as reached
           join pg_catalog.pg_class rc on rc.oid = reached.oid
           join pg_catalog.pg_namespace rn on rn.oid = rc.relnamespace
          order by 1
       ),
       array( -- which its rules and policies read
         select distinct rn.nspname::text || '.' || rc.relname::text
           from pg_catalog.pg_depend d
           join pg_catalog.pg_class rc on rc.oid = d.refobjid and rc.oid <> c.oid
           join pg_catalog.pg_namespace rn on rn.oid = rc.relnamespace
          where d.refclassid = 'pg_catalog.pg_class'::pg_catalog.regclass
            and (d.classid = 'pg_catalog.pg_policy'::pg_catalog.regclass
                 and d.objid in (select p.oid from pg_catalog.pg_policy p where p.polrelid = c.oid)
                 or d.classid = 'pg_catalog.pg_rewrite'::pg_catalog.regclass
                 and d.objid in (select r.oid from pg_catalog.pg_rewrite r where r.ev_class = c.oid))
          order by 1
       ),
       array(
         select sn.nspname::text || '.' || sc.relname::text
           from pg_catalog.pg_depend d
           join pg_catalog.pg_class sc on sc.oid = d.objid and sc.relkind = 'S'
           join pg_catalog.pg_namespace sn on sn.oid = sc.relnamespace
          where d.classid = 'pg_catalog.pg_class'::pg_catalog.regclass
            and d.refclassid = 'pg_catalog.pg_class'::pg_catalog.regclass and d.refobjid = c.oid
         union
         select sn.nspname::text || '.' || sc.relname::text
           from pg_catalog.pg_attrdef a
           join pg_catalog.pg_depend d on d.classid = 'pg_catalog.pg_attrdef'::pg_catalog.regclass and d.objid = a.oid
            and d.refclassid = 'pg_catalog.pg_class'::pg_catalog.regclass
           join pg_catalog.pg_class sc on sc.oid = d.refobjid and sc.relkind = 'S'
           join pg_catalog.pg_namespace sn on sn.oid = sc.relnamespace
          where a.adrelid = c.oid
          order by 1
       )
  from pg_catalog.pg_class c
  join pg_catalog.pg_namespace n on n.oid = c.relnamespace
 where c.relkind in ('r', 'p', 'v', 'f', 'm') and n.nspname !~ '^pg_' and n.nspname <> 'information_schema'
 order by 1, 2

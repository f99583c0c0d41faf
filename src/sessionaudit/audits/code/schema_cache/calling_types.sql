-- Types that cannot be read without calling a function of a user: domains whose checks do, and what consists of them.
with recursive calling as (
  select k.contypid as oid
    from pg_catalog.pg_constraint k
   where k.contype = 'c'
     and k.contypid <> 0
     and exists (select from pg_catalog.pg_depend d
                  where d.classid = 'pg_catalog.pg_constraint'::pg_catalog.regclass and d.objid = k.oid
                    and d.refclassid in ('pg_catalog.pg_proc'::pg_catalog.regclass,
                                         'pg_catalog.pg_operator'::pg_catalog.regclass))
  union
  select u.oid
    from calling s
   cross join lateral (select t.oid from pg_catalog.pg_type t where s.oid in (t.typbasetype, t.typelem)
                       union all
                       select c.reltype
                         from pg_catalog.pg_attribute a
                         join pg_catalog.pg_class c on c.oid = a.attrelid
                        where a.atttypid = s.oid and not a.attisdropped and c.reltype <> 0) as u (oid)
)
select oid from calling

-- What may be printed otherwise once some objects have changed: these, what depends on them, and what depends on that.
with recursive dependents as (
  select s.class, s.oid, s.sub
    from rows from (pg_catalog.unnest(%(class)s::oid[]), pg_catalog.unnest(%(oid)s::oid[]), pg_catalog.unnest(%(sub)s::int[]))
      as s (class, oid, sub)
   union
  select d.classid, d.objid, d.objsubid
    from dependents s
    join pg_catalog.pg_depend d on d.refclassid = s.class and d.refobjid = s.oid and (s.sub = 0 or d.refobjsubid = s.sub)
   where d.deptype <> 'e'
)
select distinct d.class, d.oid
  from dependents d

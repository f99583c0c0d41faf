-- Functions of the server that do what a rollback does not take back; the sequences; and the functions of users that run
-- for operators, and for casts from or to a type, with the name of that.
select 'leaves', p.proname::text, 0
  from pg_catalog.pg_proc p
 where p.pronamespace = 'pg_catalog'::pg_catalog.regnamespace
   and p.provolatile = 'v' and p.proname <> all (%(taken_back)s::name[])
union
select 'sequence', n.nspname::text || '.' || c.relname::text, 0
  from pg_catalog.pg_class c
  join pg_catalog.pg_namespace n on n.oid = c.relnamespace
 where c.relkind = 'S' and n.nspname !~ '^pg_'
union
select f.sort, f.name, f.id::bigint
  from (select 'operator', o.oprname::text, o.oprcode::oid from pg_catalog.pg_operator o
        union
        select 'cast', t.typname::text, c.castfunc
          from pg_catalog.pg_cast c
          join pg_catalog.pg_type t on t.oid in (c.castsource, c.casttarget)) as f (sort, name, id)
  join pg_catalog.pg_proc p on p.oid = f.id
  join pg_catalog.pg_namespace n on n.oid = p.pronamespace
 where n.nspname <> 'pg_catalog'
 order by 1, 2, 3

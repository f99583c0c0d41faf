-- Functions of some schemas that PostgREST can call: all arguments are named, or it is one of a type for a whole body.
select n.nspname::text,
       p.proname::text,
       p.pronargs - p.pronargdefaults,
       array(select coalesce(p.proargnames[u.place], '')
               from pg_catalog.unnest(coalesce(p.proargmodes, pg_catalog.array_fill('i'::"char", array[p.pronargs::int])))
                    with ordinality as u (mode, place)
              where u.mode in ('i', 'b', 'v')
              order by u.place),
       array(select pg_catalog.format_type(u.type, null)
               from pg_catalog.unnest(p.proargtypes::oid[]) with ordinality as u (type, place)
              order by u.place),
       array(select t.typcategory::text
               from pg_catalog.unnest(p.proargtypes::oid[]) with ordinality as u (type, place)
               join pg_catalog.pg_type t on t.oid = u.type
              order by u.place),
       p.proargtypes::oid[],
       array(select t.typnamespace <> 'pg_catalog'::pg_catalog.regnamespace and t.typtype <> 'e'
               from pg_catalog.unnest(p.proargtypes::oid[]) with ordinality as u (type, place)
               join pg_catalog.pg_type t on t.oid = u.type
              order by u.place),
       p.provariadic <> 0,
       p.proretset,
       t.typtype = 'c' or coalesce(p.proargmodes::text[] && '{t,b,o}', false),
       rn.nspname::text,
       r.relname::text,
       p.provolatile::text,
       pg_catalog.pg_get_function_identity_arguments(p.oid),
       p.oid
  from pg_catalog.pg_proc p
  join pg_catalog.pg_namespace n on n.oid = p.pronamespace
  join pg_catalog.pg_type d on d.oid = p.prorettype
  join pg_catalog.pg_type t on t.oid = case when d.typtype = 'd' then d.typbasetype else d.oid end
  left join pg_catalog.pg_class r on r.oid = t.typrelid and r.relkind in ('r', 'p', 'v', 'm', 'f')
  left join pg_catalog.pg_namespace rn on rn.oid = r.relnamespace
 where n.nspname = any (%(schemas)s)
   and p.prokind = 'f'
   and t.oid not in ('pg_catalog.trigger'::pg_catalog.regtype, 'pg_catalog.event_trigger'::pg_catalog.regtype)
 order by n.nspname, p.proname, p.oid

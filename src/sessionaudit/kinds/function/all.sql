-- All functions and procedures in some schemas, except those of extensions, and those that a type has for itself, such as
-- the constructors of a range type.
select n.nspname::text as schema,
       p.proname::text as name,
       '(' || pg_catalog.array_to_string(
                array(select pg_catalog.format_type(a.type, null)
                        from pg_catalog.unnest(p.proargtypes) with ordinality as a (type, position)
                       order by a.position), ', ') || ')' as arguments
  from pg_catalog.pg_proc p
  join pg_catalog.pg_namespace n on n.oid = p.pronamespace
 where n.nspname = any (%(schemas)s::name[])
   and p.prokind <> 'a'
   and not exists (select
                     from pg_catalog.pg_depend d
                    where d.classid = 'pg_catalog.pg_proc'::pg_catalog.regclass
                      and d.objid = p.oid
                      and d.deptype in ('e', 'i'))
 order by 1, 2, 3

-- Functions and procedures of the names that the contract gives, with what follows their signature:
-- names and defaults of arguments may hold line breaks, so it is cut after what precedes it.
-- found_bare: its types that are found without their schema, for that is an extension's, and no other has their name.
select n.nspname::text as schema,
       p.proname::text as name,
       '(' || pg_catalog.array_to_string(
                array(select pg_catalog.format_type(a.type, null)
                        from pg_catalog.unnest(p.proargtypes) with ordinality as a (type, position)
                       order by a.position), ', ') || ')' as arguments,
       array(select distinct pg_catalog.format_type(b.oid, null)
               from pg_catalog.unnest(p.proargtypes::oid[] || p.prorettype || p.proallargtypes) as a (type)
               join pg_catalog.pg_type t on t.oid = a.type
               join pg_catalog.pg_type b on b.oid = case when t.typcategory = 'A' then t.typelem else t.oid end
              where exists (select from pg_catalog.pg_extension e where e.extnamespace = b.typnamespace)
                and not exists (select from pg_catalog.pg_type o where o.typname = b.typname and o.oid <> b.oid)
              order by 1) as found_bare,
       pg_catalog.pg_get_function_arguments(p.oid) as spelled,
       p.prosecdef
         and p.prorettype not in ('pg_catalog.trigger'::pg_catalog.regtype, 'pg_catalog.event_trigger'::pg_catalog.regtype)
         and pg_catalog.has_function_privilege('public', p.oid, 'execute') as everybody, -- of triggers nobody is asked
       pg_catalog.substr(
         pg_catalog.pg_get_functiondef(p.oid),
         pg_catalog.length(pg_catalog.format('CREATE OR REPLACE %%s %%I.%%I(',
                                             case when p.prokind = 'p' then 'PROCEDURE' else 'FUNCTION' end,
                                             n.nspname, p.proname))
           + pg_catalog.length(pg_catalog.pg_get_function_arguments(p.oid)) + 3) as definition
  from (select distinct w.schema, w.name
          from rows from (pg_catalog.unnest(%(schema)s::name[]), pg_catalog.unnest(%(name)s::name[])) as w (schema, name)
       ) w
  join pg_catalog.pg_namespace n on n.nspname = w.schema
  join pg_catalog.pg_proc p on p.pronamespace = n.oid and p.proname = w.name
 where p.prokind <> 'a'
 order by 1, 2, 3

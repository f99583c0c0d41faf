-- Functions and procedures of the names that the contract gives, with what follows their signature:
-- names and defaults of arguments may hold line breaks, so it is cut after what precedes it.
-- found_bare: its types that are found without their schema, for that is an extension's, and no other has their name.
-- held: the roles that have EXECUTE themselves, as members of others or as superusers; not what PUBLIC has.
-- rival: that the contract does not name it, and a call of one that it names, by the number of arguments, may mean it.
with named as (
  select w.schema, w.name, w.arguments
    from rows from (pg_catalog.unnest(%(schema)s::name[]), pg_catalog.unnest(%(name)s::name[]),
                    pg_catalog.unnest(%(arguments)s::text[])) as w (schema, name, arguments)
), there as materialized (
  select p.oid, n.nspname, p.proname, p.prokind, p.proowner,
         '(' || pg_catalog.array_to_string(
                  array(select pg_catalog.format_type(a.type, null)
                          from pg_catalog.unnest(p.proargtypes) with ordinality as a (type, position)
                         order by a.position), ', ') || ')' as arguments,
         p.pronargs - p.pronargdefaults as least,
         case when p.provariadic <> 0 then 1000 else p.pronargs end as most,
         coalesce(p.proacl, pg_catalog.acldefault('f', p.proowner)) as acl
    from (select distinct w.schema, w.name from named w) w
    join pg_catalog.pg_namespace n on n.nspname = w.schema
    join pg_catalog.pg_proc p on p.pronamespace = n.oid and p.proname = w.name
   where p.prokind <> 'a'
), known as materialized (
  select t.oid, t.nspname, t.proname, t.prokind, t.least, t.most
    from there t
    join named w on w.schema = t.nspname and w.name = t.proname and w.arguments = t.arguments
), rivals as (
  select t.oid
    from there t
    join known k on k.nspname = t.nspname and k.proname = t.proname
   where (k.prokind = 'p') = (t.prokind = 'p')
     and k.least <= t.most
     and t.least <= k.most
     and t.oid not in (select o.oid from known o)
), acl as materialized (
  select distinct t.oid, x.grantee
    from there t
   cross join pg_catalog.aclexplode(t.acl) x
   where x.grantee <> 0
), reach as materialized (
  select g.grantee, r.rolname::text as role
    from (select distinct a.grantee from acl a) g
    join pg_catalog.pg_roles r
      on r.oid = g.grantee
      or r.rolsuper
      or (r.oid in (select m.member from pg_catalog.pg_auth_members m)
          and pg_catalog.pg_has_role(r.oid, g.grantee, 'USAGE'))
), held as materialized (
  select a.oid, pg_catalog.array_agg(distinct r.role order by r.role) as roles
    from acl a
    join reach r on r.grantee = a.grantee
   group by a.oid
)
select t.nspname::text as schema,
       t.proname::text as name,
       t.arguments,
       array(select distinct pg_catalog.format_type(b.oid, null)
               from pg_catalog.unnest(p.proargtypes::oid[] || p.prorettype || p.proallargtypes) as a (type)
               join pg_catalog.pg_type t on t.oid = a.type
               join pg_catalog.pg_type b on b.oid = case when t.typcategory = 'A' then t.typelem else t.oid end
              where exists (select from pg_catalog.pg_extension e where e.extnamespace = b.typnamespace)
                and not exists (select from pg_catalog.pg_type o where o.typname = b.typname and o.oid <> b.oid)
              order by 1) as found_bare,
       pg_catalog.pg_get_function_arguments(t.oid) as spelled,
       p.prosecdef
         and p.prorettype not in ('pg_catalog.trigger'::pg_catalog.regtype, 'pg_catalog.event_trigger'::pg_catalog.regtype)
         and pg_catalog.has_function_privilege('public', p.oid, 'execute') as everybody, -- of triggers nobody is asked
       pg_catalog.substr(
         pg_catalog.pg_get_functiondef(t.oid),
         pg_catalog.length(pg_catalog.format('CREATE OR REPLACE %s %I.%I(',
                                             case when t.prokind = 'p' then 'PROCEDURE' else 'FUNCTION' end,
                                             t.nspname, t.proname))
           + pg_catalog.length(pg_catalog.pg_get_function_arguments(t.oid)) + 3) as definition,
       pg_catalog.pg_get_userbyid(t.proowner)::text as owner,
       t.oid in (select r.oid from rivals r) as rival,
       array(select distinct case when x.grantee = 0 then 'public' else pg_catalog.pg_get_userbyid(x.grantee)::text end
               from pg_catalog.aclexplode(t.acl) x
              where x.grantee <> p.proowner
              order by 1) as grants,
       coalesce(h.roles, '{}') as held,
       array(select distinct pg_catalog.pg_get_userbyid(x.grantee)::text
               from pg_catalog.aclexplode(p.proacl) x
              where x.grantee <> p.proowner
                and x.is_grantable
              order by 1) as passing
  from there t
  join pg_catalog.pg_proc p on p.oid = t.oid
  left join held h on h.oid = t.oid
 order by 1, 2, 3

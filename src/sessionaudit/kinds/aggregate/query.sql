-- Aggregates of the names that the contract gives, with what CREATE AGGREGATE says of one.
-- listed: the arguments without names, with ORDER BY before those by which the rows are ordered.
-- held: the roles that have EXECUTE themselves, as members of others or as superusers; not what PUBLIC has.
-- options: pairs of a name and a value, without those that are PostgreSQL's defaults.
with named as (
  select w.schema, w.name, w.arguments
    from rows from (pg_catalog.unnest(%(schema)s::name[]), pg_catalog.unnest(%(name)s::name[]),
                    pg_catalog.unnest(%(arguments)s::text[])) as w (schema, name, arguments)
), there as materialized (
  select p.oid, n.nspname, p.proname, p.proparallel, p.proowner, p.provariadic, p.proargtypes,
         coalesce(p.proacl, pg_catalog.acldefault('f', p.proowner)) as acl,
         array(select case when p.provariadic <> 0 and a.position = p.pronargs then 'variadic ' else '' end
                        || pg_catalog.format_type(a.type, null)
                 from pg_catalog.unnest(p.proargtypes) with ordinality as a (type, position)
                order by a.position) as types,
         '(' || pg_catalog.array_to_string(
                  array(select pg_catalog.format_type(a.type, null)
                          from pg_catalog.unnest(p.proargtypes) with ordinality as a (type, position)
                         order by a.position), ', ') || ')' as arguments
    from (select distinct w.schema, w.name from named w) w
    join pg_catalog.pg_namespace n on n.nspname = w.schema
    join pg_catalog.pg_proc p on p.pronamespace = n.oid and p.proname = w.name
   where p.prokind = 'a'
)
select t.nspname::text as schema,
       t.proname::text as name,
       t.arguments,
       case when g.aggkind = 'n' then pg_catalog.array_to_string(t.types, ', ')
            else pg_catalog.array_to_string(t.types[1:g.aggnumdirectargs], ', ')
                   || case when g.aggnumdirectargs > 0 then ' ' else '' end || 'order by '
                   || pg_catalog.array_to_string(
                        t.types[least(g.aggnumdirectargs + 1, pg_catalog.cardinality(t.types)):], ', ') end as listed,
       array(select array[o.name, o.value]
               from (values
                       ('sfunc', null, g.aggtransfn::oid),
                       ('stype', pg_catalog.format_type(g.aggtranstype, null), 0),
                       ('sspace', nullif(g.aggtransspace, 0)::text, 0),
                       ('finalfunc', null, g.aggfinalfn::oid),
                       ('finalfunc_extra', case when g.aggfinalextra then 'true' end, 0),
                       ('finalfunc_modify', m.words[pg_catalog.strpos(m.codes, g.aggfinalmodify::text)], 0),
                       ('combinefunc', null, g.aggcombinefn::oid),
                       ('serialfunc', null, g.aggserialfn::oid),
                       ('deserialfunc', null, g.aggdeserialfn::oid),
                       ('initcond', g.agginitval, 0),
                       ('msfunc', null, g.aggmtransfn::oid),
                       ('minvfunc', null, g.aggminvtransfn::oid),
                       ('mstype', case when g.aggmtranstype <> 0 then pg_catalog.format_type(g.aggmtranstype, null) end, 0),
                       ('msspace', nullif(g.aggmtransspace, 0)::text, 0),
                       ('mfinalfunc', null, g.aggmfinalfn::oid),
                       ('mfinalfunc_extra', case when g.aggmfinalextra then 'true' end, 0),
                       ('mfinalfunc_modify',
                        case when g.aggmtransfn <> 0 then m.words[pg_catalog.strpos(m.codes, g.aggmfinalmodify::text)] end, 0),
                       ('minitcond', g.aggminitval, 0),
                       ('sortop', (select pg_catalog.format('operator(%I.%s)', n.nspname, o.oprname)
                                     from pg_catalog.pg_operator o
                                     join pg_catalog.pg_namespace n on n.oid = o.oprnamespace
                                    where o.oid = g.aggsortop), 0),
                       ('parallel', case t.proparallel when 's' then 'safe' when 'r' then 'restricted' end, 0),
                       ('hypothetical', case when g.aggkind = 'h' then 'true' end, 0)) v (name, value, function)
              cross join lateral (
                select v.name,
                       coalesce(v.value, (select pg_catalog.format('%I.%I', n.nspname, p.proname)
                                            from pg_catalog.pg_proc p
                                            join pg_catalog.pg_namespace n on n.oid = p.pronamespace
                                           where p.oid = v.function)) as value) o
              where o.value is not null
                and not (o.name like '%finalfunc_modify' and o.value = m.usual)) as options,
       pg_catalog.pg_get_userbyid(t.proowner)::text as owner,
       array(select distinct case when x.grantee = 0 then 'public' else pg_catalog.pg_get_userbyid(x.grantee)::text end
               from pg_catalog.aclexplode(t.acl) x
              where x.grantee <> t.proowner
              order by 1) as grants,
       array(select distinct r.rolname::text
               from pg_catalog.aclexplode(t.acl) x
               join pg_catalog.pg_roles r
                 on r.oid = x.grantee or r.rolsuper or pg_catalog.pg_has_role(r.oid, x.grantee, 'USAGE')
              where x.grantee <> 0
              order by 1) as held,
       array(select distinct pg_catalog.pg_get_userbyid(x.grantee)::text
               from pg_catalog.aclexplode(t.acl) x
              where x.grantee not in (0, t.proowner)
                and x.is_grantable
              order by 1) as passing
  from there t
  join pg_catalog.pg_aggregate g on g.aggfnoid = t.oid
 cross join lateral (
   select 'rsw' as codes, array['read_only', 'shareable', 'read_write'] as words,
          case when g.aggkind = 'n' then 'read_only' else 'read_write' end as usual) m
  join named w on w.schema = t.nspname and w.name = t.proname and w.arguments = t.arguments
 order by 1, 2, 3

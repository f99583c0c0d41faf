-- All that decides what roles may do with relations and functions: a row for each role, relation and function, as JSON.
-- Relations that views and policies read are among them, and so are the owners of views, as which those read.
with recursive asked as (
  select c.oid
    from rows from (pg_catalog.unnest(%(schemas)s::text[]), pg_catalog.unnest(%(names)s::text[])) as w (schema, name)
    join pg_catalog.pg_namespace n on n.nspname = w.schema
    join pg_catalog.pg_class c on c.relnamespace = n.oid and c.relname = w.name
   where c.relkind in ('r', 'p', 'v', 'm', 'f')
), reached as ( -- a materialized view has rows of its own
  select a.oid
    from asked a
   union
  select d.refobjid
    from reached r
   cross join lateral (
         select d.refobjid
           from pg_catalog.pg_rewrite w
           join pg_catalog.pg_class v on v.oid = w.ev_class and v.relkind = 'v'
           join pg_catalog.pg_depend d
             on d.classid = 'pg_catalog.pg_rewrite'::pg_catalog.regclass and d.objid = w.oid
            and d.refclassid = 'pg_catalog.pg_class'::pg_catalog.regclass
          where w.ev_class = r.oid and w.rulename = '_RETURN'
          union all
         select d.refobjid
           from pg_catalog.pg_policy p
           join pg_catalog.pg_depend d
             on d.classid = 'pg_catalog.pg_policy'::pg_catalog.regclass and d.objid = p.oid
            and d.refclassid = 'pg_catalog.pg_class'::pg_catalog.regclass
          where p.polrelid = r.oid) d
), relations as materialized (
  select c.oid, n.oid as schema, n.nspname, c.relname, c.relkind, c.relowner, c.relrowsecurity, c.relforcerowsecurity,
         c.relispartition,
         coalesce((select o.option_value::pg_catalog.bool from pg_catalog.pg_options_to_table(c.reloptions) o
                    where o.option_name = 'security_invoker'), false)
           as invoker,
         pg_catalog.substring(pg_catalog.array_to_string(c.reloptions, ' '), 'check_option=(\w+)') as check_option
    from reached r
    join pg_catalog.pg_class c on c.oid = r.oid and c.relkind in ('r', 'p', 'v', 'm', 'f')
    join pg_catalog.pg_namespace n on n.oid = c.relnamespace
), roles as materialized (
  select r.oid, r.rolname, r.rolsuper, r.rolbypassrls, pg_catalog.row_number() over (order by r.oid) as place
    from pg_catalog.pg_roles r
   where r.rolname = any (%(roles)s::text[])
      or r.oid in (select v.relowner from relations v where v.relkind = 'v')
), routines as materialized (
  select p.oid, n.nspname, p.proname, p.prosecdef, p.pronamespace,
         '(' || pg_catalog.array_to_string(
                  array(select pg_catalog.format_type(a.type, null)
                          from pg_catalog.unnest(p.proargtypes) with ordinality as a (type, position)
                         order by a.position), ', ') || ')' as arguments,
         exists (select from pg_catalog.unnest(p.proconfig) as s (setting) where s.setting like 'search_path=%') as fixed,
         p.prorettype in ('pg_catalog.trigger'::pg_catalog.regtype, 'pg_catalog.event_trigger'::pg_catalog.regtype)
           as fires
    from pg_catalog.pg_proc p
    join pg_catalog.pg_namespace n on n.oid = p.pronamespace
   where (n.nspname, p.proname) in (
         select w.schema, w.name
           from rows from (pg_catalog.unnest(%(function_schemas)s::text[]),
                           pg_catalog.unnest(%(function_names)s::text[])) as w (schema, name))
      or p.oid in (
         select d.refobjid
           from pg_catalog.pg_policy p
           join pg_catalog.pg_depend d
             on d.classid = 'pg_catalog.pg_policy'::pg_catalog.regclass and d.objid = p.oid
            and d.refclassid = 'pg_catalog.pg_proc'::pg_catalog.regclass
          where p.polrelid in (select r.oid from relations r)
          union all
         select d.refobjid
           from pg_catalog.pg_rewrite w
           join pg_catalog.pg_depend d
             on d.classid = 'pg_catalog.pg_rewrite'::pg_catalog.regclass and d.objid = w.oid
            and d.refclassid = 'pg_catalog.pg_proc'::pg_catalog.regclass
          where w.ev_class in (select r.oid from relations r where r.relkind = 'v') and w.rulename = '_RETURN')
), closed as materialized ( -- what fills or checks a column, and a role may not use
  select u.relation, r.place, u.command, u.attname, u.generated, o.what
    from (select f.adrelid as relation, 'insert' as command, a.attname, a.attgenerated <> '' as generated,
                 d.refclassid, d.refobjid
            from pg_catalog.pg_attrdef f
            join pg_catalog.pg_attribute a on a.attrelid = f.adrelid and a.attnum = f.adnum
            join pg_catalog.pg_depend d
              on d.classid = 'pg_catalog.pg_attrdef'::pg_catalog.regclass and d.objid = f.oid
           where f.adrelid in (select r.oid from relations r)
             and d.refclassid in ('pg_catalog.pg_proc'::pg_catalog.regclass, 'pg_catalog.pg_class'::pg_catalog.regclass)
             and d.refobjid <> f.adrelid
           union all
          select k.conrelid, c.command, k.conname, true, d.refclassid, d.refobjid
            from pg_catalog.pg_constraint k
            join pg_catalog.pg_depend d
              on d.classid = 'pg_catalog.pg_constraint'::pg_catalog.regclass and d.objid = k.oid
             and d.refclassid = 'pg_catalog.pg_proc'::pg_catalog.regclass
           cross join (values ('insert'), ('update')) as c (command)
           where k.conrelid in (select r.oid from relations r) and k.contype = 'c') u
   cross join roles r
   cross join lateral (
         select 'EXECUTE on the function ' || f.oid::pg_catalog.regprocedure as what
           from pg_catalog.pg_proc f
          where u.refclassid = 'pg_catalog.pg_proc'::pg_catalog.regclass and f.oid = u.refobjid
            and not pg_catalog.has_function_privilege(r.oid, f.oid, 'execute')
          union all
         select 'USAGE on the sequence ' || s.oid::pg_catalog.regclass
           from pg_catalog.pg_class s
          where u.refclassid = 'pg_catalog.pg_class'::pg_catalog.regclass and s.oid = u.refobjid
            and case when s.relkind = 'S' -- of anything else PostgreSQL refuses to be asked
                     then not pg_catalog.has_sequence_privilege(r.oid, s.oid, 'usage, update') else false end) o
), policies as materialized ( -- with both conditions: a whole row that one reads is a column without a name
  select p.polrelid,
         pg_catalog.json_agg(pg_catalog.json_build_array(
           p.polname, p.polcmd, p.polpermissive, p.polroles, c.found) order by p.polname) as found
    from pg_catalog.pg_policy p
   cross join lateral (
         select pg_catalog.json_agg(
                  case when c.tree is not null then pg_catalog.json_build_array(
                    pg_catalog.pg_get_expr(c.tree, p.polrelid),
                    (select pg_catalog.json_agg(pg_catalog.json_build_array(d.refobjid, a.attname))
                       from pg_catalog.pg_depend d
                       left join pg_catalog.pg_attribute a
                         on a.attrelid = d.refobjid and a.attnum = d.refobjsubid and a.attnum > 0
                      where d.classid = 'pg_catalog.pg_policy'::pg_catalog.regclass and d.objid = p.oid
                        and d.refclassid = 'pg_catalog.pg_class'::pg_catalog.regclass
                        and c.tree::text like '%:relid ' || d.refobjid || ' %'),
                    (select pg_catalog.json_agg(d.refobjid)
                       from pg_catalog.pg_depend d
                      where d.classid = 'pg_catalog.pg_policy'::pg_catalog.regclass and d.objid = p.oid
                        and d.refclassid = 'pg_catalog.pg_proc'::pg_catalog.regclass
                        and c.tree::text like '%:funcid ' || d.refobjid || ' %')) end order by c.place) as found
           from (values (1, p.polqual), (2, p.polwithcheck)) as c (place, tree)) c
   where p.polrelid in (select r.oid from relations r)
   group by p.polrelid
), views as materialized (
  select v.oid,
         -- What stands in FROM is read in any case, what a column is computed of only where that is asked for.
         (select pg_catalog.json_agg(pg_catalog.json_build_array(
                   d.refobjid, a.attname,
                   pg_catalog.split_part(w.ev_action::text, ':jointree', 1) like '%:relid ' || d.refobjid || ' %'))
            from pg_catalog.pg_depend d
            left join pg_catalog.pg_attribute a on a.attrelid = d.refobjid and a.attnum = d.refobjsubid and a.attnum > 0
           where d.classid = 'pg_catalog.pg_rewrite'::pg_catalog.regclass and d.objid = w.oid
             and d.refclassid = 'pg_catalog.pg_class'::pg_catalog.regclass and d.refobjid <> v.oid) as reads,
         (select pg_catalog.count(*)
            from pg_catalog.pg_attribute a
           where a.attrelid = v.oid and a.attnum > 0 and not a.attisdropped) as columns,
         (select pg_catalog.json_agg(d.refobjid)
            from pg_catalog.pg_depend d
           where d.classid = 'pg_catalog.pg_rewrite'::pg_catalog.regclass and d.objid = w.oid
             and d.refclassid = 'pg_catalog.pg_proc'::pg_catalog.regclass) as calls,
         -- Of a view that can be written, the first relation is the one that is written.
         (select m.found[1]
            from pg_catalog.regexp_matches(w.ev_action::text, ':relid (\d+)', 'g') with ordinality as m (found, place)
           where m.found[1]::oid not in (0, v.oid)
           order by m.place
           limit 1) as base,
         -- By resno, the column of a relation that a column of the view shows.
         (select pg_catalog.json_agg(pg_catalog.json_build_array(a.attname, m.found[2], b.attname))
            from pg_catalog.regexp_matches(w.ev_action::text,
                   ':resno (\d+) :resname \S+ :ressortgroupref \d+ :resorigtbl (\d+) :resorigcol (\d+) ', 'g')
                   as m (found)
            join pg_catalog.pg_attribute a on a.attrelid = v.oid and a.attnum = m.found[1]::int2
            join pg_catalog.pg_attribute b on b.attrelid = m.found[2]::oid and b.attnum = m.found[3]::int2
           where m.found[2]::oid <> 0) as shows
    from relations v
    join pg_catalog.pg_rewrite w on w.ev_class = v.oid and w.rulename = '_RETURN'
   where v.relkind = 'v'
), instead as materialized (
  select i.oid, pg_catalog.json_agg(pg_catalog.json_build_array(i.what, i.command)) as found
    from (select w.ev_class as oid, 'rule' as what,
                 case w.ev_type when '2' then 'update' when '3' then 'insert' else 'delete' end as command
            from pg_catalog.pg_rewrite w
           where w.ev_class in (select r.oid from relations r) and w.is_instead and w.ev_type <> '1'
           union
          select t.tgrelid, 'trigger', c.command
            from pg_catalog.pg_trigger t
            join (values (4, 'insert'), (8, 'delete'), (16, 'update')) as c (bit, command) on t.tgtype & c.bit <> 0
           where t.tgrelid in (select r.oid from relations r) and t.tgtype & 64 <> 0 and not t.tgisinternal) i
   group by i.oid
), lacking as materialized (
  select x.relation as oid,
         pg_catalog.json_agg(
           pg_catalog.json_build_array(x.place - 1, x.command, x.attname, x.generated, x.what)) as found
    from closed x
   group by x.relation
), several as materialized ( -- relations of which columns have privileges of their own
  select distinct a.attrelid as oid
    from pg_catalog.pg_attribute a
   where a.attrelid in (select r.oid from relations r) and a.attacl is not null and not a.attisdropped
)
select 'role',
       pg_catalog.json_build_array(
         r.oid, r.rolname, r.rolsuper, r.rolbypassrls, r.place - 1,
         (select pg_catalog.json_agg(o.oid)
            from (select x.relowner as oid from relations x
                   union
                  select x.oid from pg_catalog.pg_policy p cross join pg_catalog.unnest(p.polroles) as x (oid)
                   where p.polrelid in (select y.oid from relations y) and x.oid <> 0) o
           where pg_catalog.pg_has_role(r.oid, o.oid, 'usage')))::text
  from roles r
 union all
select 'relation',
       pg_catalog.json_build_array(
         c.oid, c.nspname, c.relname, c.relkind, c.relowner, c.relrowsecurity, c.relforcerowsecurity, c.invoker,
         c.relispartition,
         (select a.attname
            from pg_catalog.pg_attribute a
           where a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped and a.attgenerated = '' and a.attidentity <> 'a'
           order by a.attnum
           limit 1),
         (select pg_catalog.json_agg(pg_catalog.concat(
                   case when pg_catalog.has_schema_privilege(r.oid, c.schema, 'usage') then 'u' end,
                   case when pg_catalog.has_table_privilege(r.oid, c.oid, 'select') then 's' end,
                   case when pg_catalog.has_table_privilege(r.oid, c.oid, 'insert') then 'i' end,
                   case when pg_catalog.has_table_privilege(r.oid, c.oid, 'update') then 'w' end,
                   case when pg_catalog.has_table_privilege(r.oid, c.oid, 'delete') then 'd' end,
                   case when pg_catalog.has_table_privilege(r.oid, c.oid, 'truncate') then 't' end) order by r.place)
            from roles r),
         case when c.oid in (select s.oid from several s)
              then (select pg_catalog.json_agg(pg_catalog.json_build_array(r.place - 1, p.name, a.attname))
                      from roles r
                     cross join (values ('select'), ('insert'), ('update')) as p (name)
                      join pg_catalog.pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
                     where not pg_catalog.has_table_privilege(r.oid, c.oid, p.name)
                       and pg_catalog.has_column_privilege(r.oid, c.oid, a.attnum, p.name)) end,
         p.found,
         -- Of a foreign table its wrapper would be asked, which may run any code.
         case when c.relkind = 'v' then pg_catalog.pg_relation_is_updatable(c.oid, false) end,
         v.base, v.shows, v.reads, v.calls, v.columns, c.check_option,
         i.found, l.found)::text
  from relations c
  left join policies p on p.polrelid = c.oid
  left join views v on v.oid = c.oid
  left join instead i on i.oid = c.oid
  left join lacking l on l.oid = c.oid
 union all
select 'function',
       pg_catalog.json_build_array(
         f.oid, f.nspname, f.proname, f.arguments, f.prosecdef, f.fixed, f.fires,
         (select pg_catalog.json_agg(pg_catalog.concat(
                   case when pg_catalog.has_schema_privilege(r.oid, f.pronamespace, 'usage') then 'u' end,
                   case when pg_catalog.has_function_privilege(r.oid, f.oid, 'execute') then 'x' end) order by r.place)
            from roles r))::text
  from routines f

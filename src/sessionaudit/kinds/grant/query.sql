-- Privileges on those tables of the contract that list any: of each role that it names there what it can do,
-- directly, through PUBLIC or as a member of another role, and on single columns only; of every role but the owner
-- what it was given itself. Of a role that the contract names it is also told what it can come by in another way: as
-- the owner, as a superuser, in another role that it is a member of or can take on; what it may pass on; whether row
-- security binds it; and which functions and sequences are closed to it without which its statements fail.
-- A role that does not exist has no row. A privilege on a column is followed by its name.
with recursive named as (
  select distinct n.oid as schema, n.nspname, c.relname, c.oid, c.relowner, coalesce(c.relacl, pg_catalog.acldefault('r', c.relowner)) as acl
    from rows from (pg_catalog.unnest(%(schema)s::name[]), pg_catalog.unnest(%(table)s::name[])) as w (schema, name)
    join pg_catalog.pg_namespace n on n.nspname = w.schema
    join pg_catalog.pg_class c on c.relnamespace = n.oid and c.relname = w.name
   where c.relkind in ('r', 'p', 'v', 'm', 'f')
), given as (
  select t.oid,
         case when x.grantee = 0 then 'public' else pg_catalog.pg_get_userbyid(x.grantee)::text end as role,
         coalesce(pg_catalog.array_agg(distinct pg_catalog.lower(x.privilege_type)) filter (where l.name is null), '{}') as privileges,
         coalesce(pg_catalog.array_agg(distinct pg_catalog.lower(x.privilege_type) || ' ' || l.name) filter (where l.name is not null),
                  '{}') as columns
    from named t
   cross join lateral (
         select t.acl, null::pg_catalog.name as name
          union all
         select a.attacl, a.attname
           from pg_catalog.pg_attribute a
          where a.attrelid = t.oid and a.attacl is not null and not a.attisdropped) l
   cross join lateral pg_catalog.aclexplode(l.acl) x
   where x.grantee <> t.relowner
   group by 1, 2
), wanted as (
  select distinct t.oid, t.schema, w.role
    from rows from (pg_catalog.unnest(%(schema)s::name[]), pg_catalog.unnest(%(table)s::name[]),
                    pg_catalog.unnest(%(role)s::text[])) as w (schema, name, role)
    join named t on t.nspname = w.schema and t.relname = w.name
   where w.role = 'public' or exists (select from pg_catalog.pg_roles r where r.rolname = w.role)
), platform as ( -- as which roles Supabase lets its own work, itself among them where it may pass by row security
  select p.role, p.via
    from (values ('service_role', 'service_role'), ('postgres', 'postgres'), ('postgres', 'pg_read_all_data'),
                 ('postgres', 'authenticator'), ('postgres', 'service_role'), ('postgres', 'authenticated'), ('postgres', 'anon'),
                 ('authenticator', 'service_role'), ('authenticator', 'authenticated'), ('authenticator', 'anon')) as p (role, via)
   where exists (select from pg_catalog.pg_namespace n where n.nspname = 'auth')
     and 3 = (select count(*) from pg_catalog.pg_roles r where r.rolname in ('anon', 'authenticated', 'service_role'))
), roles as (
  select r.oid, r.rolname::text as role, r.rolsuper, r.rolbypassrls
    from pg_catalog.pg_roles r
   where r.rolname = any (%(role)s::text[])
), memberships as ( -- options of a membership came with PostgreSQL 16; before, whoever is a member can take the role on
  select m.member, m.roleid, m.admin_option,
         coalesce((pg_catalog.to_jsonb(m) ->> 'inherit_option')::boolean, r.rolinherit) as inherits,
         coalesce((pg_catalog.to_jsonb(m) ->> 'set_option')::boolean, true) as sets
    from pg_catalog.pg_auth_members m
    join pg_catalog.pg_roles r on r.oid = m.member
   union all
  select d.datdba, o.oid, false, true, true
    from pg_catalog.pg_database d
    join pg_catalog.pg_roles o on o.rolname = 'pg_database_owner'
   where d.datname = pg_catalog.current_database()
), reach as ( -- with SET ROLE, or by what it inherits; what it may grant, it may grant itself
  select r.oid as role, r.oid as via, true as sets
    from roles r
   where not r.rolsuper
   union
  select x.role, e.via, e.sets
    from reach x
    join pg_catalog.pg_roles v on v.oid = x.via and not v.rolsuper
   cross join lateral (
         select m.roleid as via, (x.sets and m.sets) or (m.admin_option and not o.rolsuper) as sets
           from memberships m
           join pg_catalog.pg_roles o on o.oid = m.roleid
          where m.member = x.via and (m.inherits or (x.sets and m.sets) or (m.admin_option and not o.rolsuper))
          union all
         select o.oid, true
           from pg_catalog.pg_roles o
          where x.sets and v.rolcreaterole and not o.rolsuper
            and pg_catalog.current_setting('server_version_num')::int < 160000) e
), doors as materialized ( -- a role counts as what it is itself only where it is taken on
  select x.role, v.oid as via, v.rolname, pg_catalog.bool_or(x.sets) as sets, v.rolsuper, v.rolbypassrls
    from reach x
    join pg_catalog.pg_roles v on v.oid = x.via
   where x.via <> x.role
   group by x.role, v.oid, v.rolname, v.rolsuper, v.rolbypassrls
), privileges as (
  select pg_catalog.unnest(array['select', 'insert', 'update', 'delete', 'truncate', 'references', 'trigger']
                           || case when pg_catalog.current_setting('server_version_num')::int >= 170000
                                   then array['maintain'] else '{}' end) as name
), policies as (
  select p.polrelid, p.polcmd, p.polpermissive, p.polroles,
         pg_catalog.pg_get_expr(p.polqual, p.polrelid) as used,
         pg_catalog.pg_get_expr(p.polwithcheck, p.polrelid) as checked
    from pg_catalog.pg_policy p
   where p.polrelid in (select t.oid from named t)
), held as (
  select w.oid, w.role,
         array(select p.name
                 from privileges p
                where pg_catalog.has_schema_privilege(w.role::name, w.schema, 'usage')
                  and pg_catalog.has_table_privilege(w.role::name, w.oid, p.name)) as privileges,
         array(select p.name || ' ' || a.attname
                 from pg_catalog.unnest(array['select', 'insert', 'update', 'references']) as p (name)
                cross join lateral (
                       select o.attnum, o.attname
                         from pg_catalog.pg_attribute o
                        where o.attrelid = w.oid and o.attnum > 0 and not o.attisdropped) a
                where pg_catalog.has_schema_privilege(w.role::name, w.schema, 'usage')
                  and pg_catalog.has_any_column_privilege(w.role::name, w.oid, p.name)
                  and not pg_catalog.has_table_privilege(w.role::name, w.oid, p.name)
                  and pg_catalog.has_column_privilege(w.role::name, w.oid, a.attnum, p.name)) as columns,
         array(select array[p.name, p.attname, x.rolname]::text[]
                 from doors x
                cross join lateral (
                       select 'owns', '' where x.via = c.relowner
                        union all
                       select 'superuser', '' where x.rolsuper and x.sets
                        union all
                       select p.name, ''
                         from privileges p
                        where pg_catalog.has_table_privilege(x.via, w.oid, p.name)
                          and not pg_catalog.has_table_privilege('public', w.oid, p.name)
                        union all
                       select p.name, a.attname
                         from pg_catalog.unnest(array['select', 'insert', 'update', 'references']) as p (name)
                        cross join pg_catalog.pg_attribute a
                        where a.attrelid = w.oid and a.attnum > 0 and not a.attisdropped
                          and pg_catalog.has_any_column_privilege(x.via, w.oid, p.name)
                          and not pg_catalog.has_table_privilege(x.via, w.oid, p.name)
                          and pg_catalog.has_column_privilege(x.via, w.oid, a.attnum, p.name)
                          and not pg_catalog.has_column_privilege('public', w.oid, a.attnum, p.name)) p (name, attname)
                where x.role = r.oid
                  and (x.sets or not x.rolsuper or p.name = 'owns')
                  and (p.name = 'superuser'
                       or pg_catalog.has_schema_privilege(x.via, w.schema, 'usage')
                       or pg_catalog.has_schema_privilege(r.oid, w.schema, 'usage'))) as reach,
         coalesce(r.rolsuper, false) as almighty,
         coalesce(r.oid = c.relowner, false) as owner,
         array(select distinct pg_catalog.lower(x.privilege_type)
                 from (select c.relacl as acl
                        union all
                       select a.attacl
                         from pg_catalog.pg_attribute a
                        where a.attrelid = c.oid and not a.attisdropped) l
                cross join lateral pg_catalog.aclexplode(l.acl) x
                where x.is_grantable and x.grantee = r.oid and x.grantee <> c.relowner) as grantable,
         case when not c.relrowsecurity or not exists ( -- a command that a policy does not wholly open
                        select
                          from (values ('r', 'select'), ('a', 'insert'), ('w', 'update'), ('d', 'delete')) as o (command, privilege)
                          left join lateral (
                               select pg_catalog.bool_or(p.polpermissive and p.open) as opened,
                                      pg_catalog.bool_or(not p.polpermissive and not p.open) as limited
                                 from (select p.polpermissive,
                                              coalesce(case o.command when 'a' then coalesce(p.checked, p.used) else p.used end,
                                                       (not p.polpermissive)::text) = 'true'
                                                and (o.command <> 'w' or coalesce(p.checked, 'true') = 'true') as open
                                         from policies p
                                        where p.polrelid = c.oid and p.polcmd in ('*', o.command)
                                          and exists (select
                                                        from pg_catalog.unnest(p.polroles) as f (role)
                                                       where f.role in (0, r.oid)
                                                          or (not r.rolsuper and pg_catalog.pg_has_role(r.oid, f.role, 'USAGE')))) p
                               ) l on true
                         where (pg_catalog.has_table_privilege(r.oid, c.oid, o.privilege)
                                or (o.command <> 'd' and pg_catalog.has_any_column_privilege(r.oid, c.oid, o.privilege)))
                           and (l.opened is not true or l.limited)) then ''
              when r.rolsuper then 'superuser'
              when r.oid = c.relowner and not c.relforcerowsecurity then '' -- as the owner it is told of
              when r.rolbypassrls then case when exists (select from platform p where p.role = r.role and p.via = r.role)
                                            then '' else 'bypassrls' end
              when exists (select from platform p where p.role = r.role and p.via = r.role) then 'bound'
              else coalesce((select 'as ' || x.rolname
                               from doors x
                              where x.role = r.oid and x.sets and x.rolbypassrls and not x.rolsuper
                                and not exists (select from platform p where p.role = r.role and p.via = x.rolname)
                                and pg_catalog.has_schema_privilege(x.via, w.schema, 'usage')
                                and (pg_catalog.has_any_column_privilege(x.via, c.oid, 'select, insert, update')
                                     or pg_catalog.has_table_privilege(x.via, c.oid, 'delete, truncate'))
                              order by 1
                              limit 1), '') end as unbound,
         array(select distinct p.name || ' ' || o.what || ', ' || d.why
                 from (select case p.polcmd when 'r' then '{select}' when 'a' then '{insert}' when 'w' then '{update}'
                                            when 'd' then '{delete}' else '{select,insert,update,delete}' end::text[] as privileges,
                              d.refclassid, d.refobjid, 'which the policy ' || pg_catalog.quote_ident(p.polname) || ' calls' as why
                         from pg_catalog.pg_policy p
                         cross join lateral (
                               select d.refclassid, d.refobjid
                                 from pg_catalog.pg_depend d
                                where d.classid = 'pg_catalog.pg_policy'::pg_catalog.regclass and d.objid = p.oid
                               offset 0) d
                        where p.polrelid = c.oid
                          and c.relrowsecurity
                          and not r.rolbypassrls
                          and (c.relowner <> r.oid or c.relforcerowsecurity)
                          and exists (select
                                        from pg_catalog.unnest(p.polroles) as o (role)
                                       where o.role = 0 or pg_catalog.pg_has_role(r.oid, o.role, 'USAGE'))
                        union all
                       select '{insert}', d.refclassid, d.refobjid, 'which fills the column ' || pg_catalog.quote_ident(a.attname)
                         from pg_catalog.pg_attrdef f
                         join pg_catalog.pg_attribute a on a.attrelid = f.adrelid and a.attnum = f.adnum
                         cross join lateral (
                               select d.refclassid, d.refobjid
                                 from pg_catalog.pg_depend d
                                where d.classid = 'pg_catalog.pg_attrdef'::pg_catalog.regclass and d.objid = f.oid
                               offset 0) d
                        where f.adrelid = c.oid
                        union all
                       select '{insert,update}', d.refclassid, d.refobjid,
                              'which the constraint ' || pg_catalog.quote_ident(k.conname) || ' calls'
                         from pg_catalog.pg_constraint k
                         cross join lateral (
                               select d.refclassid, d.refobjid
                                 from pg_catalog.pg_depend d
                                where d.classid = 'pg_catalog.pg_constraint'::pg_catalog.regclass and d.objid = k.oid
                               offset 0) d
                        where k.conrelid = c.oid and k.contype = 'c'
                        union all
                       select '{select}', d.refclassid, d.refobjid, 'which the view calls'
                         from pg_catalog.pg_rewrite u
                         cross join lateral (
                               select d.refclassid, d.refobjid
                                 from pg_catalog.pg_depend d
                                where d.classid = 'pg_catalog.pg_rewrite'::pg_catalog.regclass and d.objid = u.oid
                               offset 0) d
                        where u.ev_class = c.oid and c.relkind = 'v' and u.rulename = '_RETURN') d
                cross join lateral (
                       select 'EXECUTE on function ' || f.oid::pg_catalog.regprocedure as what
                         from pg_catalog.pg_proc f
                        where d.refclassid = 'pg_catalog.pg_proc'::pg_catalog.regclass
                          and f.oid = d.refobjid
                          and not pg_catalog.has_function_privilege(r.oid, f.oid, 'execute')
                        union all
                       select 'USAGE on sequence ' || s.oid::pg_catalog.regclass
                         from pg_catalog.pg_class s
                        where d.refclassid = 'pg_catalog.pg_class'::pg_catalog.regclass
                          and s.oid = d.refobjid
                          and case when s.relkind = 'S' -- of anything else PostgreSQL refuses to be asked
                                   then not pg_catalog.has_sequence_privilege(r.oid, s.oid, 'usage')
                                        and not pg_catalog.has_sequence_privilege(r.oid, s.oid, 'update')
                                   else false end) o
                cross join lateral pg_catalog.unnest(d.privileges) as p (name)
                where not r.rolsuper) as closed
    from wanted w
    join pg_catalog.pg_class c on c.oid = w.oid
    left join roles r on r.role = w.role
)
select t.nspname::text as schema,
       t.relname::text as table,
       coalesce(h.role, g.role) as role,
       coalesce(h.privileges, g.privileges) as privileges,
       coalesce(g.privileges, '{}') as granted,
       coalesce(h.columns, g.columns) as columns,
       coalesce(g.columns, '{}') as own_columns,
       coalesce(h.role, g.role) = 'public' as everybody,
       coalesce(h.reach, '{}') as reach,
       coalesce(h.almighty, false) as almighty,
       coalesce(h.owner, false) as owner,
       coalesce(h.grantable, '{}') as grantable,
       coalesce(nullif(h.unbound, 'bound'), '') as unbound,
       coalesce(h.unbound = 'bound', false) as bound,
       coalesce(h.closed, '{}') as closed,
       array(select p.via from platform p where p.role = coalesce(h.role, g.role)) as excused
  from held h
  full join given g on g.oid = h.oid and g.role = h.role
  join named t on t.oid = coalesce(h.oid, g.oid)
 where g.oid is not null
    or h.owner
    or pg_catalog.cardinality(h.privileges || h.columns) + pg_catalog.cardinality(h.reach) > 0
 order by 1, 2, 3

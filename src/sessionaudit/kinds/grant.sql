-- Privileges on those tables of the contract that list any: of each role that it names there what it can do,
-- directly, through PUBLIC or as a member of another role, and on single columns only; of every role but the owner
-- what it was given itself. Of a role that the contract names it is also told what it can come by in another way: as
-- the owner, as a superuser, in another role that it is a member of or can take on; what it may pass on; whether row
-- security binds it; and which functions and sequences are closed to it without which its statements fail.
-- A role that does not exist has no row. pg_has_role is true for a superuser, whatever the other role: it is left out. A privilege on
-- a column is followed by its name.
with named as (
  select distinct n.oid as schema, n.nspname, c.relname, c.oid, c.relowner, coalesce(c.relacl, pg_catalog.acldefault('r', c.relowner)) as acl
    from rows from (pg_catalog.unnest(%(schema)s::name[]), pg_catalog.unnest(%(table)s::name[])) as w (schema, name)
    join pg_catalog.pg_namespace n on n.nspname = w.schema
    join pg_catalog.pg_class c on c.relnamespace = n.oid and c.relname = w.name
   where c.relkind in ('r', 'p', 'v', 'm', 'f')
), given as (
  select t.oid,
         case when x.grantee = 0 then 'public' else pg_catalog.pg_get_userbyid(x.grantee)::text end as role,
         pg_catalog.array_agg(distinct pg_catalog.lower(x.privilege_type)) as privileges
    from named t
   cross join lateral pg_catalog.aclexplode(t.acl) x
   where x.grantee <> t.relowner
   group by 1, 2
), wanted as (
  select distinct t.oid, t.schema, w.role
    from rows from (pg_catalog.unnest(%(schema)s::name[]), pg_catalog.unnest(%(table)s::name[]),
                    pg_catalog.unnest(%(role)s::text[])) as w (schema, name, role)
    join named t on t.nspname = w.schema and t.relname = w.name
   where w.role = 'public' or exists (select from pg_catalog.pg_roles r where r.rolname = w.role)
), roles as (
  select r.oid, r.rolname::text as role, r.rolsuper and r.oid <> 10 as almighty, r.rolsuper, r.rolbypassrls
    from pg_catalog.pg_roles r
   where r.rolname = any (%(role)s::text[])
), settable as (
  select r.oid as role, a.oid as via
    from roles r
    join pg_catalog.pg_roles a on a.oid <> r.oid
   where not r.rolsuper
     and r.role <> 'authenticator' -- the door of PostgREST, whose work is to take on the others
     and case when pg_catalog.current_setting('server_version_num')::int >= 160000
              then pg_catalog.pg_has_role(r.oid, a.oid, 'SET')
              else pg_catalog.pg_has_role(r.oid, a.oid, 'MEMBER') end
), reach as materialized (
  select s.role, s.via
    from settable s
   union
  select s.role, m.oid
    from (select role, via from settable union select oid, oid from roles where not rolsuper) s
    join pg_catalog.pg_roles v on v.oid = s.via and not v.rolsuper
    join pg_catalog.pg_roles m on m.oid not in (s.role, s.via) and pg_catalog.pg_has_role(s.via, m.oid, 'USAGE')
), held as (
  select w.oid, w.role,
         array(select p.name
                 from pg_catalog.unnest(array['select', 'insert', 'update', 'delete', 'truncate', 'references', 'trigger']
                        || case when pg_catalog.current_setting('server_version_num')::int >= 170000
                                then array['maintain'] else '{}' end) as p (name)
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
         array(select distinct pg_catalog.lower(x.privilege_type) || ' ' || a.attname
                 from pg_catalog.pg_attribute a
                cross join lateral pg_catalog.aclexplode(a.attacl) x
                where a.attrelid = w.oid and not a.attisdropped
                  and x.grantee = case when w.role = 'public' then 0
                                       else (select r.oid from pg_catalog.pg_roles r where r.rolname = w.role) end
                order by 1) as own_columns,
         array(select p.name || ' ' || m.rolname
                 from reach x
                 join pg_catalog.pg_roles m on m.oid = x.via
                cross join lateral pg_catalog.unnest(array['select', 'insert', 'update', 'delete', 'truncate', 'references', 'trigger']) as p (name)
                where x.role = r.oid
                  and pg_catalog.has_table_privilege(x.via, w.oid, p.name)
                  and not pg_catalog.has_table_privilege('public', w.oid, p.name)
                  and (pg_catalog.has_schema_privilege(x.via, w.schema, 'usage')
                       or pg_catalog.has_schema_privilege(r.oid, w.schema, 'usage'))) as reach,
         coalesce(r.almighty, false) as almighty,
         coalesce(r.oid = c.relowner, false) as owner,
         array(select distinct pg_catalog.lower(x.privilege_type)
                 from (select c.relacl as acl
                        union all
                       select a.attacl
                         from pg_catalog.pg_attribute a
                        where a.attrelid = c.oid and not a.attisdropped) l
                cross join lateral pg_catalog.aclexplode(l.acl) x
                where x.is_grantable and x.grantee = r.oid and x.grantee <> c.relowner) as grantable,
         case when c.relrowsecurity
               and (r.almighty or r.rolbypassrls)
               and r.role <> 'postgres'
               and (r.role <> 'service_role' or r.rolsuper) -- Supabase makes it so
               and (select pg_catalog.bool_or(not b.open) and not pg_catalog.bool_or(b.open and b.polcmd = '*' and b.polpermissive)
                      from (select p.polcmd, p.polpermissive,
                                   coalesce(pg_catalog.pg_get_expr(p.polqual, p.polrelid), 'true') = 'true'
                                     and coalesce(pg_catalog.pg_get_expr(p.polwithcheck, p.polrelid), 'true') = 'true' as open
                              from pg_catalog.pg_policy p
                             where p.polrelid = c.oid and p.polroles && array[0::oid, r.oid]) b)
              then case when r.rolsuper then 'superuser' else 'bypassrls' end
              else '' end as unbound,
         array(select distinct p.name || ' ' || o.what || ', ' || d.why
                 from (select case p.polcmd when 'r' then '{select}' when 'a' then '{insert}' when 'w' then '{update}'
                                            when 'd' then '{delete}' else '{select,insert,update,delete}' end::text[] as privileges,
                              d.refclassid, d.refobjid, 'which the policy ' || pg_catalog.quote_ident(p.polname) || ' calls' as why
                         from pg_catalog.pg_policy p
                         join pg_catalog.pg_depend d on d.classid = 'pg_catalog.pg_policy'::pg_catalog.regclass and d.objid = p.oid
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
                         join pg_catalog.pg_depend d on d.classid = 'pg_catalog.pg_attrdef'::pg_catalog.regclass and d.objid = f.oid
                        where f.adrelid = c.oid
                        union all
                       select '{insert,update}', d.refclassid, d.refobjid,
                              'which the constraint ' || pg_catalog.quote_ident(k.conname) || ' calls'
                         from pg_catalog.pg_constraint k
                         join pg_catalog.pg_depend d on d.classid = 'pg_catalog.pg_constraint'::pg_catalog.regclass and d.objid = k.oid
                        where k.conrelid = c.oid and k.contype = 'c'
                        union all
                       select '{select}', d.refclassid, d.refobjid, 'which the view calls'
                         from pg_catalog.pg_rewrite u
                         join pg_catalog.pg_depend d on d.classid = 'pg_catalog.pg_rewrite'::pg_catalog.regclass and d.objid = u.oid
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
       coalesce(h.columns, '{}') as columns,
       coalesce(h.own_columns, '{}') as own_columns,
       coalesce(h.role, g.role) = 'public' as everybody,
       coalesce(h.reach, '{}') as reach,
       coalesce(h.almighty, false) as almighty,
       coalesce(h.owner, false) as owner,
       coalesce(h.grantable, '{}') as grantable,
       coalesce(h.unbound, '') as unbound,
       coalesce(h.closed, '{}') as closed
  from held h
  full join given g on g.oid = h.oid and g.role = h.role
  join named t on t.oid = coalesce(h.oid, g.oid)
 where pg_catalog.cardinality(coalesce(h.privileges, g.privileges) || coalesce(h.columns || h.own_columns || h.reach, '{}')) > 0
 order by 1, 2, 3

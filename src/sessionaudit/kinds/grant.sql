-- Privileges on those tables of the contract that list any: of each role that it names there what it can do,
-- directly, through PUBLIC or as a member of another role, and on single columns only; of every role but the owner
-- what it was given itself. A role that does not exist has no row. A privilege on a column is followed by its name.
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
                order by 1) as own_columns
    from wanted w
)
select t.nspname::text as schema,
       t.relname::text as table,
       coalesce(h.role, g.role) as role,
       coalesce(h.privileges, g.privileges) as privileges,
       coalesce(g.privileges, '{}') as granted,
       coalesce(h.columns, '{}') as columns,
       coalesce(h.own_columns, '{}') as own_columns,
       coalesce(h.role, g.role) = 'public' as everybody
  from held h
  full join given g on g.oid = h.oid and g.role = h.role
  join named t on t.oid = coalesce(h.oid, g.oid)
 where pg_catalog.cardinality(coalesce(h.privileges, g.privileges) || coalesce(h.columns || h.own_columns, '{}')) > 0
 order by 1, 2, 3

-- Tables, partitioned tables, views and foreign tables among those that the contract names.
-- parents: schema and name of each, by turns. unguarded: partitions and child tables without row security, reachable
-- those of them on which another than the owner has a privilege. shown: the tables with row security that a view which
-- others may read shows as its owner sees them, whom policies do not bind, or the owner of another view that it reads;
-- no reader is whoever reads. partitions, default_partition, pending: as parents. free: whether the partition can be
-- detached concurrently.
with recursive parts as (
  select h.inhparent as root, h.inhrelid as oid
    from pg_catalog.pg_inherits h
   where h.inhparent = any (%(relation)s::oid[])
   union
  select p.root, h.inhrelid
    from parts p
    join pg_catalog.pg_inherits h on h.inhparent = p.oid
), part as materialized (
  select p.root, c.oid, c.relpersistence, c.relispartition, c.relrowsecurity,
         exists (select
                   from pg_catalog.aclexplode(c.relacl) x
                  where x.grantee <> c.relowner
                    and x.privilege_type in ('SELECT', 'INSERT', 'UPDATE', 'DELETE', 'TRUNCATE')) as reachable
    from parts p
    join pg_catalog.pg_class c on c.oid = p.oid
), parent as materialized (
  select h.inhrelid as child, h.inhseqno as number, n.nspname::text as schema, p.relname::text as name
    from pg_catalog.pg_inherits h
    join pg_catalog.pg_class p on p.oid = h.inhparent
    join pg_catalog.pg_namespace n on n.oid = p.relnamespace
   where h.inhrelid = any (%(relation)s::oid[])
     and coalesce(pg_catalog.to_jsonb(h) ->> 'inhdetachpending', 'false') = 'false'
), reads as (
  select v.oid as root, v.oid,
         case when not exists (select
                                 from pg_catalog.pg_options_to_table(v.reloptions) o
                                where o.option_name = 'security_invoker'
                                  and o.option_value::boolean)
              then v.relowner end as reader
    from pg_catalog.pg_class v
   where v.oid = any (%(relation)s::oid[])
     and v.relkind = 'v'
     and exists (select
                   from pg_catalog.aclexplode(v.relacl) x
                  where x.grantee <> v.relowner
                    and x.privilege_type = 'SELECT')
   union
  select s.root, t.oid,
         case when t.relkind = 'v'
                and not exists (select
                                  from pg_catalog.pg_options_to_table(t.reloptions) o
                                 where o.option_name = 'security_invoker'
                                   and o.option_value::boolean)
              then t.relowner
              else s.reader end
    from reads s
    join pg_catalog.pg_rewrite w on w.ev_class = s.oid
    join pg_catalog.pg_depend d on d.classid = 'pg_catalog.pg_rewrite'::pg_catalog.regclass and d.objid = w.oid
     and d.refclassid = 'pg_catalog.pg_class'::pg_catalog.regclass and d.refobjid <> s.oid
    join pg_catalog.pg_class t on t.oid = d.refobjid
   where t.relkind in ('v', 'r', 'p')
     and w.ev_type = '1'
), toasted as materialized (
  select t.oid, t.reloptions
    from pg_catalog.pg_class t
   where t.relkind = 't'
     and t.reloptions is not null
), shown as materialized (
  select distinct s.root, s.oid
    from reads s
    join pg_catalog.pg_class t on t.oid = s.oid
    join pg_catalog.pg_roles r on r.oid = s.reader
   where t.relrowsecurity
     and (r.rolsuper or r.rolbypassrls
          or not t.relforcerowsecurity and pg_catalog.pg_has_role(s.reader, t.relowner, 'USAGE'))
)
select c.oid as relation,
       case when not c.relrowsecurity and c.relforcerowsecurity then 'disabled but forced'
            when not c.relrowsecurity then 'disabled'
            when c.relforcerowsecurity then 'forced'
            else 'enabled' end as row_security,
       pg_catalog.pg_get_userbyid(c.relowner)::text as owner,
       case c.relkind when 'r' then 'table'
                      when 'p' then 'partitioned table'
                      when 'v' then 'view'
                      when 'm' then 'materialized view'
                      else 'foreign table' end as kind,
       c.relispartition as attached,
       case c.relpersistence when 'u' then 'unlogged' when 't' then 'temporary' else 'permanent' end as persistence,
       case when c.relhassubclass
            then array(select p.oid::pg_catalog.regclass::text
                         from part p
                        where p.root = c.oid
                          and p.relispartition
                          and p.relpersistence = 'u'
                        order by 1)
            else '{}' end as unlogged,
       case when c.relkind in ('r', 'p')
            then case c.relreplident when 'd' then 'default' when 'f' then 'full' when 'n' then 'nothing'
                      else coalesce((select 'index ' || pg_catalog.quote_ident(x.relname)
                                       from pg_catalog.pg_index i
                                       join pg_catalog.pg_class x on x.oid = i.indexrelid
                                      where i.indrelid = c.oid
                                        and i.indisreplident), 'nothing') end end as replica_identity,
       c.relispartition as partition,
       case when c.oid in (select a.child from parent a)
            then array(select y.text
                         from parent a
                        cross join lateral (values (1, a.schema), (2, a.name)) as y (place, text)
                        where a.child = c.oid
                        order by a.number, y.place)
            else '{}' end as parents,
       case when c.relkind = 'v'
            then array(select case o.option_name when 'check_option' then o.option_value || ' check option'
                                                 else o.option_name end
                         from pg_catalog.pg_options_to_table(c.reloptions) o
                        where o.option_name = 'check_option'
                           or o.option_value::boolean
                        order by 1) end as options,
       case when c.relhassubclass
            then array(select p.oid::pg_catalog.regclass::text
                         from part p
                        where p.root = c.oid
                          and not p.relrowsecurity
                        order by 1)
            else '{}' end as unguarded,
       case when c.relhassubclass
            then array(select p.oid::pg_catalog.regclass::text
                         from part p
                        where p.root = c.oid
                          and not p.relrowsecurity
                          and p.reachable
                        order by 1)
            else '{}' end as reachable,
       case when c.relkind = 'v'
            then array(select s.oid::pg_catalog.regclass::text
                         from shown s
                        where s.root = c.oid
                        order by 1)
            else '{}' end as shown,
       case when c.relkind = 'p' then pg_catalog.pg_get_partkeydef(c.oid) end as key,
       case when c.relispartition then pg_catalog.pg_get_expr(c.relpartbound, c.oid) end as bound,
       case when c.relispartition
            then (select pg_catalog.pg_get_partkeydef(h.inhparent)
                    from pg_catalog.pg_inherits h
                   where h.inhrelid = c.oid) end as parent_key,
       case when c.relkind = 'p'
            then array(select y.text
                         from pg_catalog.pg_inherits h
                         join pg_catalog.pg_class p on p.oid = h.inhrelid
                         join pg_catalog.pg_namespace n on n.oid = p.relnamespace
                        cross join lateral (values (1, n.nspname::text), (2, p.relname::text)) as y (place, text)
                        where h.inhparent = c.oid
                          and coalesce(pg_catalog.to_jsonb(h) ->> 'inhdetachpending', 'false') = 'false'
                        order by n.nspname, p.relname, y.place)
            else '{}' end as partitions,
       case when c.relkind = 'p'
            then array(select y.text
                         from pg_catalog.pg_partitioned_table o
                         join pg_catalog.pg_class p on p.oid = o.partdefid
                         join pg_catalog.pg_namespace n on n.oid = p.relnamespace
                        cross join lateral (values (1, n.nspname::text), (2, p.relname::text)) as y (place, text)
                        where o.partrelid = c.oid
                        order by y.place)
            else '{}' end as default_partition,
       case when c.relispartition
            then array(select y.text
                         from pg_catalog.pg_inherits h
                         join pg_catalog.pg_class p on p.oid = h.inhparent
                         join pg_catalog.pg_namespace n on n.oid = p.relnamespace
                        cross join lateral (values (1, n.nspname::text), (2, p.relname::text)) as y (place, text)
                        where h.inhrelid = c.oid
                          and pg_catalog.to_jsonb(h) ->> 'inhdetachpending' = 'true'
                        order by y.place)
            else '{}' end as pending,
       c.relispartition
         and pg_catalog.current_setting('server_version_num')::int >= 140000
         and not exists (select
                           from pg_catalog.pg_inherits h
                           join pg_catalog.pg_partitioned_table o on o.partrelid = h.inhparent
                          where h.inhrelid = c.oid
                            and o.partdefid <> 0) as free,
       coalesce(pg_catalog.md5(c.relpartbound::text), '') as seal,
       case when c.relkind not in ('r', 'm') then null
            when c.reloptions is null and c.reltoastrelid not in (select t.oid from toasted t) then '{}'
            else array(select y.text
                         from (select o.option_name as name, o.option_value as value
                                 from pg_catalog.pg_options_to_table(c.reloptions) o
                                union all
                               select 'toast.' || o.option_name, o.option_value
                                 from toasted t
                                cross join lateral pg_catalog.pg_options_to_table(t.reloptions) o
                                where t.oid = c.reltoastrelid) o
                        cross join lateral (values (1, o.name), (2, o.value)) as y (place, text)
                        order by o.name, y.place) end as parameters,
       case when c.relkind in ('r', 'm', 'p') then m.amname::text end as access_method
  from pg_catalog.pg_class c
  left join pg_catalog.pg_am m on m.oid = c.relam
 where c.oid = any (%(relation)s::oid[])
 order by 1

-- What has a comment in some schemas, as COMMENT ON names it, but for what extensions own; beside it what is in none.
-- The comment that every database has on its public schema is nobody's own, nor is an extension's.
with commented as materialized (
  select d.classoid, d.objoid, d.objsubid
    from pg_catalog.pg_description d
   where pg_catalog.cardinality(%(schemas)s::name[]) > 0
     and (%(among)s::oid[] is null or d.objoid = any (%(among)s::oid[]))
     and (d.objoid >= 16384
          or d.classoid = 'pg_catalog.pg_namespace'::pg_catalog.regclass and d.description <> 'standard public schema')
     and d.classoid <> 'pg_catalog.pg_extension'::pg_catalog.regclass
     and not exists (select
                       from pg_catalog.pg_depend e
                      where e.classid = d.classoid
                        and e.objid = d.objoid
                        and e.deptype = 'e')
), known as (
  select c.classoid, c.objoid, i.type, i.identity,
         coalesce(case c.classoid
                    when 'pg_catalog.pg_namespace'::pg_catalog.regclass then i.name
                    when 'pg_catalog.pg_constraint'::pg_catalog.regclass then (
                      select n.nspname
                        from pg_catalog.pg_constraint k
                        join pg_catalog.pg_namespace n on n.oid = k.connamespace
                       where k.oid = c.objoid)
                    when 'pg_catalog.pg_trigger'::pg_catalog.regclass then (
                      select n.nspname
                        from pg_catalog.pg_trigger t
                        join pg_catalog.pg_class r on r.oid = t.tgrelid
                        join pg_catalog.pg_namespace n on n.oid = r.relnamespace
                       where t.oid = c.objoid)
                    when 'pg_catalog.pg_policy'::pg_catalog.regclass then (
                      select n.nspname
                        from pg_catalog.pg_policy p
                        join pg_catalog.pg_class r on r.oid = p.polrelid
                        join pg_catalog.pg_namespace n on n.oid = r.relnamespace
                       where p.oid = c.objoid)
                    when 'pg_catalog.pg_rewrite'::pg_catalog.regclass then (
                      select n.nspname
                        from pg_catalog.pg_rewrite w
                        join pg_catalog.pg_class r on r.oid = w.ev_class
                        join pg_catalog.pg_namespace n on n.oid = r.relnamespace
                       where w.oid = c.objoid)
                    else i.schema end, '') as schema
    from commented c
   cross join lateral pg_catalog.pg_identify_object(c.classoid, c.objoid, c.objsubid) i
)
select case when k.type in ('table column', 'view column', 'materialized view column', 'foreign table column',
                            'composite type column') then 'column ' || k.identity
            when k.type = 'table constraint' then 'constraint ' || k.identity
            when k.type = 'domain constraint' then (
              select pg_catalog.format('constraint %I on domain %s', d.conname, pg_catalog.format_type(d.contypid, null))
                from pg_catalog.pg_constraint d
               where d.oid = k.objoid)
            when k.type in ('function', 'procedure', 'aggregate') then (
              select pg_catalog.format('%s %I.%I(%s)', k.type, n.nspname, p.proname, pg_catalog.array_to_string(
                       array(select pg_catalog.format_type(a.type, null)
                               from pg_catalog.unnest(p.proargtypes) with ordinality as a (type, position)
                              order by a.position), ', '))
                from pg_catalog.pg_proc p
                join pg_catalog.pg_namespace n on n.oid = p.pronamespace
               where p.oid = k.objoid)
            when k.type = 'type' then (
              select case t.typtype when 'd' then 'domain ' else 'type ' end || k.identity
                from pg_catalog.pg_type t
               where t.oid = k.objoid)
            when k.type = 'statistics object' then 'statistics ' || k.identity
            when k.type = 'foreign-data wrapper' then 'foreign data wrapper ' || k.identity
            when k.type in ('operator class', 'operator family')
            then k.type || ' ' || pg_catalog.regexp_replace(k.identity, ' USING (?=[^ ]+$)', ' using ')
            else k.type || ' ' || k.identity end as object
  from known k
 where k.schema = any (%(schemas)s::text[])
    or k.schema = ''
   and k.type in ('event trigger', 'publication', 'server', 'foreign-data wrapper', 'language')
 order by 1

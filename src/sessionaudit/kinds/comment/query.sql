-- Comments on the objects that the contract names as COMMENT ON does; the server says what each commented object is.
-- A type or a routine goes by two words. A plain name may stand in quotes or not, as the versions' keywords differ.
-- What initdb made is left out but for schemas, extensions and languages: its thousands of comments are nobody's own.
with wanted as materialized (
  select w.object,
         pg_catalog.regexp_replace(w.object, '"([a-z_][a-z0-9_]*)"', '\1', 'g') as bare
    from pg_catalog.unnest(%(object)s::text[]) as w (object)
), commented as materialized (
  select d.classoid, d.objoid, d.objsubid, d.description
    from pg_catalog.pg_description d
   where pg_catalog.cardinality(%(object)s::text[]) > 0
     and (%(among)s::oid[] is null or d.objoid = any (%(among)s::oid[]))
     and (d.objoid >= 16384
          or d.classoid in ('pg_catalog.pg_namespace'::pg_catalog.regclass,
                            'pg_catalog.pg_extension'::pg_catalog.regclass,
                            'pg_catalog.pg_language'::pg_catalog.regclass))
), named as (
  select c.description,
         case when i.type in ('table column', 'view column', 'materialized view column', 'foreign table column',
                              'composite type column') then array['column ' || i.identity]
              when i.type = 'table constraint' then array['constraint ' || i.identity]
              when i.type = 'domain constraint' then array[(
                select pg_catalog.format('constraint %I on domain %s', k.conname, pg_catalog.format_type(k.contypid, null))
                  from pg_catalog.pg_constraint k
                 where k.oid = c.objoid)]
              when i.type in ('function', 'procedure', 'aggregate') then (
                select array[i.type || r.signature, 'routine' || r.signature]
                  from (select pg_catalog.format(' %I.%I(%s)', n.nspname, p.proname, pg_catalog.array_to_string(
                                 array(select pg_catalog.format_type(a.type, null)
                                         from pg_catalog.unnest(p.proargtypes) with ordinality as a (type, position)
                                        order by a.position), ', '))
                          from pg_catalog.pg_proc p
                          join pg_catalog.pg_namespace n on n.oid = p.pronamespace
                         where p.oid = c.objoid) r (signature))
              when i.type = 'type' then array['type ' || i.identity, (
                select 'domain ' || i.identity
                  from pg_catalog.pg_type t
                 where t.oid = c.objoid
                   and t.typtype = 'd')]
              when i.type = 'statistics object' then array['statistics ' || i.identity]
              when i.type = 'foreign-data wrapper' then array['foreign data wrapper ' || i.identity]
              when i.type in ('operator class', 'operator family')
              then array[i.type || ' ' || pg_catalog.regexp_replace(i.identity, ' USING (?=[^ ]+$)', ' using ')]
              else array[i.type || ' ' || i.identity] end as names
    from commented c
   cross join lateral pg_catalog.pg_identify_object(c.classoid, c.objoid, c.objsubid) i
)
select w.object,
       n.description as text
  from named n
 cross join lateral pg_catalog.unnest(n.names) as x (name)
  join wanted w on w.bare = pg_catalog.regexp_replace(x.name, '"([a-z_][a-z0-9_]*)"', '\1', 'g')
 order by 1

-- Columns of the contract's tables. A collation is given only where it is not the type's own; collation_alone tells that
-- PostgreSQL has none of its own of that name.
-- counting: the options of an identity's sequence: start, increment, bounds, cache and whether it cycles.
-- A column blocks where an insert that leaves it out fails: a domain may refuse null, or give a default.
-- triggered: a trigger may fill it before that is checked, that of a partition, too: it names the column of the new row,
-- or does more with that row than name columns and return it, so that it may assign any. Or a rule does something instead.
-- beneath: the types under the first domain of its type that has constraints, which are lost with it.
-- unproven: from PostgreSQL 18 on, the name of a NOT NULL that was never held against the rows that were there before.
-- filled_apart: an inherited one whose default is none of its parents'.
-- counted_apart: its default is not that of a serial column, which is not null and has a sequence of its name; a name of
-- more than 63 bytes is cut in both of its parts (makeObjectName in src/backend/commands/indexcmds.c).
-- The expressions are printed once each, before the join, which would print them once for each mention. A default names
-- no column; without the table, for each of which the server would collect all columns, it is printed in half the time.
with recursive p as (
  select h.inhparent as root, h.inhrelid as oid
    from pg_catalog.pg_inherits h
    join pg_catalog.pg_class c on c.oid = h.inhparent and c.relkind = 'p'
   where h.inhparent = any (%(relation)s::oid[])
   union
  select p.root, h.inhrelid
    from p
    join pg_catalog.pg_inherits h on h.inhparent = p.oid
), u as materialized (
  select n.conrelid, n.conkey[1] as number, n.conname
    from pg_catalog.pg_constraint n
   where n.conrelid = any (%(relation)s::oid[])
     and n.contype = 'n'
     and not n.convalidated
), g as materialized (
  select s.root,
         pg_catalog.string_agg(pg_catalog.chr(10) || n.names || pg_catalog.chr(10), '') as names,
         pg_catalog.bool_or(l.lanname <> 'plpgsql'
                            or f.prosrc ~* 'u&"'
                            or pg_catalog.regexp_replace(f.prosrc, i.named || '|\mreturn\s+new\s*;', '', 'gi')
                               ~* '\m(?:new|return)\M') as whole
    from (select r.oid as root, r.oid
            from pg_catalog.unnest(%(relation)s::oid[]) as r (oid)
           union all
          select p.root, p.oid
            from p) s
    join pg_catalog.pg_trigger t on t.tgrelid = s.oid
    join pg_catalog.pg_proc f on f.oid = t.tgfoid
    join pg_catalog.pg_language l on l.oid = f.prolang
   cross join (values ('\mnew\M\s*\.\s*("(?:[^"]|"")*"|[[:alpha:]_][\w$]*)')) as i (named)
   cross join lateral (
     select pg_catalog.string_agg(pg_catalog.lower(pg_catalog.replace(
                pg_catalog.regexp_replace(m.found[1], '^"(.*)"$', '\1'), '""', '"')), pg_catalog.chr(10)) as names
       from pg_catalog.regexp_matches(f.prosrc, i.named, 'gi') as m (found)) n
   where not t.tgisinternal
     and t.tgenabled in ('O', 'A')
     and t.tgtype & 7 = 7  -- for each row, before, insert
   group by s.root
), x as materialized (
  select d.oid, d.adrelid, d.adnum,
         pg_catalog.pg_get_expr(d.adbin, case when a.attgenerated = '' then 0 else d.adrelid end) as expression
    from pg_catalog.pg_attrdef d
    join pg_catalog.pg_attribute a on a.attrelid = d.adrelid and a.attnum = d.adnum
   where d.adrelid = any (%(relation)s::oid[])
)
select a.attrelid as relation,
       a.attname::text as name,
       pg_catalog.format_type(a.atttypid, a.atttypmod) as type,
       case when c.relkind not in ('v', 'm') and not d.refuses then a.attnotnull end as not_null,
       case when a.attgenerated = '' then x.expression end as default,
       coalesce(x.expression like 'nextval(%', false)
         and exists (select
                       from pg_catalog.pg_depend s
                      where s.classid = 'pg_catalog.pg_class'::pg_catalog.regclass
                        and s.refclassid = 'pg_catalog.pg_class'::pg_catalog.regclass
                        and s.refobjid = a.attrelid
                        and s.refobjsubid = a.attnum
                        and s.deptype = 'a'
                        and exists (select
                                      from pg_catalog.pg_depend u
                                     where u.classid = 'pg_catalog.pg_attrdef'::pg_catalog.regclass
                                       and u.objid = x.oid
                                       and u.refclassid = 'pg_catalog.pg_class'::pg_catalog.regclass
                                       and u.refobjid = s.objid)) as serial,
       case when a.attgenerated <> '' then x.expression end as generated,
       case a.attgenerated when 's' then 'stored' when 'v' then 'virtual' else '' end as storage,
       case a.attidentity when 'a' then 'always' when 'd' then 'by default' else '' end as identity,
       case when a.attidentity <> '' then
         coalesce((select pg_catalog.concat_ws(' ', q.seqstart, q.seqincrement, q.seqmin, q.seqmax, q.seqcache,
                                               q.seqcycle)
                     from pg_catalog.pg_depend s
                     join pg_catalog.pg_sequence q on q.seqrelid = s.objid
                    where s.classid = 'pg_catalog.pg_class'::pg_catalog.regclass
                      and s.refclassid = 'pg_catalog.pg_class'::pg_catalog.regclass
                      and s.refobjid = a.attrelid
                      and s.refobjsubid = a.attnum
                      and s.deptype = 'i'), '')
       else '' end as counting,
       case when a.attcollation = t.typcollation then ''
            else (select case when l.collnamespace <> 'pg_catalog'::pg_catalog.regnamespace
                              then l.collnamespace::pg_catalog.regnamespace::text || '.' else '' end
                         || pg_catalog.quote_ident(l.collname)
                    from pg_catalog.pg_collation l
                   where l.oid = a.attcollation) end as collation,
       not exists (select
                     from pg_catalog.pg_collation l
                     join pg_catalog.pg_collation o on o.collname = l.collname
                    where l.oid = a.attcollation
                      and l.collnamespace <> 'pg_catalog'::pg_catalog.regnamespace
                      and o.collnamespace = 'pg_catalog'::pg_catalog.regnamespace) as collation_alone,
       (a.attnotnull or c.relkind not in ('v', 'm') and d.refuses)
         and not a.atthasdef and a.attidentity = '' and t.typdefault is null as blocking,
       coalesce(u.conname::text, '') as unproven,
       case when e.typtype = 'd' then
         array(with recursive chain as (
                 select e.oid as type, -1 as modifier, 0 as depth
                  union all
                 select y.typbasetype, y.typtypmod, h.depth + 1
                   from chain h
                   join pg_catalog.pg_type y on y.oid = h.type and y.typtype = 'd'
               )
               select pg_catalog.format_type(h.type, h.modifier) || case when e.oid <> t.oid then '[]' else '' end
                 from chain h
                where h.depth > (select pg_catalog.min(g.depth)
                                   from chain g
                                   join pg_catalog.pg_type y on y.oid = g.type
                                  where y.typtype = 'd'
                                    and (y.typnotnull or exists (select
                                                                   from pg_catalog.pg_constraint k
                                                                  where k.contypid = y.oid)))
                order by h.depth) end as beneath,
       a.attinhcount > 0 and not a.attislocal as inherited,
       a.attinhcount > 0 and not a.attislocal
         and not exists (select
                           from pg_catalog.pg_inherits h
                           join pg_catalog.pg_attribute p on p.attrelid = h.inhparent and p.attname = a.attname
                           left join pg_catalog.pg_attrdef f on f.adrelid = p.attrelid and f.adnum = p.attnum
                          where h.inhrelid = a.attrelid
                            and coalesce(pg_catalog.pg_get_expr(f.adbin, f.adrelid), '') = coalesce(x.expression, ''))
         as filled_apart,
       not (a.attnotnull
            and x.expression = pg_catalog.format('nextval(''%s''::regclass)', pg_catalog.replace(
                  c.relnamespace::pg_catalog.regnamespace::text || '.'
                    || pg_catalog.quote_ident(
                         pg_catalog.left(c.relname, greatest(29, 58 - pg_catalog.octet_length(a.attname)))
                         || '_' || pg_catalog.left(a.attname, greatest(29, 58 - pg_catalog.octet_length(c.relname)))
                         || '_seq'), '''', '''''')))
         as counted_apart,
       coalesce(g.whole
                or pg_catalog.strpos(g.names, pg_catalog.chr(10) || pg_catalog.lower(a.attname) || pg_catalog.chr(10)) > 0,
                false)
         or c.relhasrules and exists (select
                                        from pg_catalog.pg_rewrite w
                                       where w.ev_class = a.attrelid
                                         and w.ev_type = '3'
                                         and w.is_instead
                                         and w.ev_enabled in ('O', 'A')) as triggered
  from pg_catalog.pg_attribute a
  join pg_catalog.pg_class c on c.oid = a.attrelid
  join pg_catalog.pg_type t on t.oid = a.atttypid
  join pg_catalog.pg_type e on e.oid = case when t.typcategory = 'A' and t.typtype <> 'd' then t.typelem else t.oid end
  left join pg_catalog.pg_type b on b.oid = t.typbasetype
 cross join lateral (select t.typnotnull or coalesce(b.typnotnull, false) as refuses) d
  left join x on x.adrelid = a.attrelid and x.adnum = a.attnum
  left join g on g.root = a.attrelid
  left join u on u.conrelid = a.attrelid and u.number = a.attnum
 where a.attrelid = any (%(relation)s::oid[])
   and a.attnum > 0
   and not a.attisdropped
 order by a.attrelid, a.attnum

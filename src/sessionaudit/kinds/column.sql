-- Columns of the contract's tables. A collation is given only where it is not the type's own.
select a.attrelid as relation,
       a.attname::text as name,
       pg_catalog.format_type(a.atttypid, a.atttypmod) as type,
       case when c.relkind not in ('v', 'm') then a.attnotnull end as not_null,
       case when a.attgenerated = '' then x.expression end as default,
       coalesce(x.expression like 'nextval(%%', false)
         and exists (select
                       from pg_catalog.pg_depend s
                      where s.classid = 'pg_catalog.pg_class'::pg_catalog.regclass
                        and s.refclassid = 'pg_catalog.pg_class'::pg_catalog.regclass
                        and s.refobjid = a.attrelid
                        and s.refobjsubid = a.attnum
                        and s.deptype = 'a') as serial,
       case when a.attgenerated <> '' then x.expression end as generated,
       case a.attgenerated when 's' then 'stored' when 'v' then 'virtual' else '' end as storage,
       case a.attidentity when 'a' then 'always' when 'd' then 'by default' else '' end as identity,
       case when a.attcollation = t.typcollation then ''
            else (select case when l.collnamespace <> 'pg_catalog'::pg_catalog.regnamespace
                              then l.collnamespace::pg_catalog.regnamespace::text || '.' else '' end
                         || pg_catalog.quote_ident(l.collname)
                    from pg_catalog.pg_collation l
                   where l.oid = a.attcollation) end as collation
  from pg_catalog.pg_attribute a
  join pg_catalog.pg_class c on c.oid = a.attrelid
  join pg_catalog.pg_type t on t.oid = a.atttypid
  left join lateral (select pg_catalog.pg_get_expr(d.adbin, d.adrelid) as expression
                       from pg_catalog.pg_attrdef d
                      where a.atthasdef and d.adrelid = a.attrelid and d.adnum = a.attnum) x on true
 where a.attrelid = any (%(relation)s::oid[])
   and a.attnum > 0
   and not a.attisdropped
 order by a.attrelid, a.attnum

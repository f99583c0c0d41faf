-- The rows of the catalogs that were written since a transaction began, or that are of objects that are asked for.
-- relation: the relation that the row is about; others: further ones that it concerns. type: as pg_identify_object has
-- it, of what can be read by its path. shape: what other objects are printed with; two of them that are the same have
-- the same effect on what depends on the object.
-- Rows of temporary relations are left out. The last row has as xid the first transaction that is not seen yet.
select r.catalog, r.class, r.oid, r.sub, r.xmin::text::bigint as xid, r.cmin::text::int as command,
       r.relation, r.others, r.type, r.path, r.shape
  from (
    select 'pg_class' as catalog, 'pg_catalog.pg_class'::pg_catalog.regclass::oid as class, c.oid, 0 as sub, c.xmin, c.cmin,
           case when c.relkind in ('r', 'p', 'v', 'm', 'f') then c.oid
                when c.relkind in ('i', 'I') then (select i.indrelid from pg_catalog.pg_index i where i.indexrelid = c.oid)
                when c.relkind = 'S' then (select d.refobjid
                                             from pg_catalog.pg_depend d
                                            where d.classid = 'pg_catalog.pg_class'::pg_catalog.regclass
                                              and d.objid = c.oid
                                              and d.refclassid = 'pg_catalog.pg_class'::pg_catalog.regclass
                                              and d.refobjsubid > 0
                                              and d.deptype in ('a', 'i')
                                            limit 1)
                end as relation,
           null::oid[] as others,
           case c.relkind when 'r' then 'table' when 'p' then 'table' when 'v' then 'view' when 'm' then 'materialized view'
                          when 'f' then 'foreign table' when 'S' then 'sequence' when 'i' then 'index' when 'I' then 'index'
                          else '' end as type,
           array[n.nspname, c.relname]::text[] as path,
           pg_catalog.concat_ws(' ', c.relname, c.relnamespace, c.relowner, c.relrowsecurity, c.relforcerowsecurity,
                                c.reloptions, case when c.relkind = 'S' then c.relacl end)
             || pg_catalog.chr(1)
             || pg_catalog.md5(pg_catalog.concat_ws(' ', c.relacl, c.relreplident, c.relispartition, c.reltablespace, c.relam,
                                                    c.relpersistence, c.relkind, c.relhassubclass, c.relpartbound, c.reloftype,
                                                    c.relispopulated)) as shape
      from pg_catalog.pg_class c
      join pg_catalog.pg_namespace n on n.oid = c.relnamespace
     where c.oid >= 16384
       and (pg_catalog.age(c.xmin) <= pg_catalog.age(%(since)s::xid) or c.oid = any (%(oids)s::oid[]))
       and c.relkind in ('r', 'p', 'v', 'm', 'f', 'i', 'I', 'S')
       and c.relpersistence <> 't'
     union all
    select 'pg_attribute', 'pg_catalog.pg_class'::pg_catalog.regclass::oid, a.attrelid, a.attnum, a.xmin, a.cmin,
           case when c.relkind <> 'c' then a.attrelid end, null,
           case when c.relkind = 'c' then 'composite type' else '' end,
           case when c.relkind = 'c' then array[n.nspname, c.relname]::text[] else array[n.nspname, c.relname, a.attname] end,
           pg_catalog.concat_ws(' ', a.attname, a.atttypid, a.atttypmod, a.attisdropped)
      from pg_catalog.pg_attribute a
      join pg_catalog.pg_class c on c.oid = a.attrelid
      join pg_catalog.pg_namespace n on n.oid = c.relnamespace
     where a.attrelid >= 16384
       and a.attnum > 0
       and pg_catalog.age(a.xmin) <= pg_catalog.age(%(since)s::xid)
       and c.relkind in ('r', 'p', 'v', 'm', 'f', 'c')
       and c.relpersistence <> 't'
     union all
    select 'pg_attrdef', 'pg_catalog.pg_attrdef'::pg_catalog.regclass::oid, d.oid, d.adnum, d.xmin, d.cmin,
           d.adrelid, null, '', array[n.nspname, c.relname, a.attname]::text[], ''
      from pg_catalog.pg_attrdef d
      join pg_catalog.pg_class c on c.oid = d.adrelid
      join pg_catalog.pg_namespace n on n.oid = c.relnamespace
      join pg_catalog.pg_attribute a on a.attrelid = d.adrelid and a.attnum = d.adnum
     where pg_catalog.age(d.xmin) <= pg_catalog.age(%(since)s::xid)
       and d.oid >= 16384
     union all
    select 'pg_constraint',
           case when k.contypid = 0 then 'pg_catalog.pg_constraint'::pg_catalog.regclass
                else 'pg_catalog.pg_type'::pg_catalog.regclass end::oid,
           case when k.contypid = 0 then k.oid else k.contypid end, 0, k.xmin, k.cmin, nullif(k.conrelid, 0), array[k.confrelid],
           case when k.contypid = 0 then '' else 'type' end,
           case when k.contypid = 0 then array[n.nspname, c.relname, k.conname]::text[]
                else (select array[m.nspname, t.typname]::text[]
                        from pg_catalog.pg_type t
                        join pg_catalog.pg_namespace m on m.oid = t.typnamespace
                       where t.oid = k.contypid) end,
           case when k.contypid = 0 then pg_catalog.concat_ws(' ', k.conname, k.contype) else k.xmin::text || k.cmin::text end
      from pg_catalog.pg_constraint k
      left join pg_catalog.pg_class c on c.oid = k.conrelid
      left join pg_catalog.pg_namespace n on n.oid = c.relnamespace
     where pg_catalog.age(k.xmin) <= pg_catalog.age(%(since)s::xid)
       and k.oid >= 16384
     union all
    select 'pg_index', 'pg_catalog.pg_class'::pg_catalog.regclass::oid, i.indexrelid, 0, i.xmin, i.cmin, i.indrelid, null, '',
           array[n.nspname, c.relname]::text[], null
      from pg_catalog.pg_index i
      join pg_catalog.pg_class c on c.oid = i.indexrelid
      join pg_catalog.pg_namespace n on n.oid = c.relnamespace
     where pg_catalog.age(i.xmin) <= pg_catalog.age(%(since)s::xid)
       and i.indexrelid >= 16384
     union all
    select 'pg_trigger', 'pg_catalog.pg_trigger'::pg_catalog.regclass::oid, t.oid, 0, t.xmin, t.cmin, t.tgrelid,
           case when t.tgisinternal
                then array(select k.conrelid from pg_catalog.pg_constraint k where k.oid = t.tgconstraint) end,
           '', array[n.nspname, c.relname, t.tgname]::text[], t.tgname
      from pg_catalog.pg_trigger t
      join pg_catalog.pg_class c on c.oid = t.tgrelid
      join pg_catalog.pg_namespace n on n.oid = c.relnamespace
     where pg_catalog.age(t.xmin) <= pg_catalog.age(%(since)s::xid)
       and t.oid >= 16384
     union all
    select 'pg_policy', 'pg_catalog.pg_policy'::pg_catalog.regclass::oid, p.oid, 0, p.xmin, p.cmin, p.polrelid, null, '',
           array[n.nspname, c.relname, p.polname]::text[], p.polname
      from pg_catalog.pg_policy p
      join pg_catalog.pg_class c on c.oid = p.polrelid
      join pg_catalog.pg_namespace n on n.oid = c.relnamespace
     where pg_catalog.age(p.xmin) <= pg_catalog.age(%(since)s::xid)
     union all
    select 'pg_rewrite', 'pg_catalog.pg_rewrite'::pg_catalog.regclass::oid, r.oid, 0, r.xmin, r.cmin, r.ev_class, null, '',
           array[n.nspname, c.relname, r.rulename]::text[], r.rulename
      from pg_catalog.pg_rewrite r
      join pg_catalog.pg_class c on c.oid = r.ev_class
      join pg_catalog.pg_namespace n on n.oid = c.relnamespace
     where pg_catalog.age(r.xmin) <= pg_catalog.age(%(since)s::xid)
       and r.oid >= 16384
     union all
    select 'pg_statistic_ext', 'pg_catalog.pg_statistic_ext'::pg_catalog.regclass::oid, s.oid, 0, s.xmin, s.cmin, s.stxrelid,
           null, '', array[n.nspname, s.stxname]::text[], s.stxname
      from pg_catalog.pg_statistic_ext s
      join pg_catalog.pg_namespace n on n.oid = s.stxnamespace
     where pg_catalog.age(s.xmin) <= pg_catalog.age(%(since)s::xid)
     union all
    select 'pg_partitioned_table', 'pg_catalog.pg_class'::pg_catalog.regclass::oid, p.partrelid, 0, p.xmin, p.cmin,
           p.partrelid, null, '', null, null
      from pg_catalog.pg_partitioned_table p
     where pg_catalog.age(p.xmin) <= pg_catalog.age(%(since)s::xid)
     union all
    select 'pg_foreign_table', 'pg_catalog.pg_class'::pg_catalog.regclass::oid, f.ftrelid, 0, f.xmin, f.cmin,
           f.ftrelid, null, 'foreign table', array[n.nspname, c.relname]::text[], null
      from pg_catalog.pg_foreign_table f
      join pg_catalog.pg_class c on c.oid = f.ftrelid
      join pg_catalog.pg_namespace n on n.oid = c.relnamespace
     where pg_catalog.age(f.xmin) <= pg_catalog.age(%(since)s::xid)
     union all
    select 'pg_sequence', 'pg_catalog.pg_class'::pg_catalog.regclass::oid, s.seqrelid, 0, s.xmin, s.cmin,
           (select d.refobjid
              from pg_catalog.pg_depend d
             where d.classid = 'pg_catalog.pg_class'::pg_catalog.regclass
               and d.objid = s.seqrelid
               and d.refclassid = 'pg_catalog.pg_class'::pg_catalog.regclass
               and d.refobjsubid > 0
               and d.deptype in ('a', 'i')
             limit 1), null, 'sequence', array[n.nspname, c.relname]::text[], null
      from pg_catalog.pg_sequence s
      join pg_catalog.pg_class c on c.oid = s.seqrelid
      join pg_catalog.pg_namespace n on n.oid = c.relnamespace
     where pg_catalog.age(s.xmin) <= pg_catalog.age(%(since)s::xid)
       and c.relpersistence <> 't'
     union all
    select 'pg_type', 'pg_catalog.pg_type'::pg_catalog.regclass::oid, t.oid, 0, t.xmin, t.cmin, null, null,
           case t.typtype when 'c' then 'composite type' else 'type' end, array[n.nspname, t.typname]::text[],
           t.xmin::text || t.cmin::text
      from pg_catalog.pg_type t
      join pg_catalog.pg_namespace n on n.oid = t.typnamespace
      left join pg_catalog.pg_class c on c.oid = t.typrelid
     where t.oid >= 16384
       and (pg_catalog.age(t.xmin) <= pg_catalog.age(%(since)s::xid) or t.oid = any (%(oids)s::oid[]))
       and (t.typtype in ('e', 'd', 'r', 'm') or t.typtype = 'b' and t.typcategory <> 'A' or c.relkind = 'c')
     union all
    select 'pg_enum', 'pg_catalog.pg_type'::pg_catalog.regclass::oid, t.oid, 0, e.xmin, e.cmin, null, null, 'type',
           array[n.nspname, t.typname]::text[], e.xmin::text || e.cmin::text
      from pg_catalog.pg_enum e
      join pg_catalog.pg_type t on t.oid = e.enumtypid
      join pg_catalog.pg_namespace n on n.oid = t.typnamespace
     where pg_catalog.age(e.xmin) <= pg_catalog.age(%(since)s::xid)
     union all
    select 'pg_proc', 'pg_catalog.pg_proc'::pg_catalog.regclass::oid, p.oid, 0, p.xmin, p.cmin, null, null,
           case p.prokind when 'a' then 'aggregate' when 'p' then 'procedure' else 'function' end,
           array[n.nspname, p.proname,
                 '(' || pg_catalog.array_to_string(
                          array(select pg_catalog.format_type(a.type, null)
                                  from pg_catalog.unnest(p.proargtypes) with ordinality as a (type, position)
                                 order by a.position), ', ') || ')']::text[],
           pg_catalog.concat_ws(' ', p.proname, p.pronamespace, p.proowner, p.proacl, p.proargtypes)
      from pg_catalog.pg_proc p
      join pg_catalog.pg_namespace n on n.oid = p.pronamespace
     where p.oid >= 16384
       -- What a type has for itself, such as the constructors of a range type, is none of the functions.
       and not exists (select
                         from pg_catalog.pg_depend d
                        where d.classid = 'pg_catalog.pg_proc'::pg_catalog.regclass and d.objid = p.oid and d.deptype = 'i')
       and (pg_catalog.age(p.xmin) <= pg_catalog.age(%(since)s::xid) or p.oid = any (%(oids)s::oid[]))
     union all
    select 'pg_collation', 'pg_catalog.pg_collation'::pg_catalog.regclass::oid, c.oid, 0, c.xmin, c.cmin, null, null,
           'collation', array[n.nspname, c.collname]::text[], pg_catalog.concat_ws(' ', c.collname, c.collnamespace)
      from pg_catalog.pg_collation c
      join pg_catalog.pg_namespace n on n.oid = c.collnamespace
     where c.oid >= 16384
       and pg_catalog.age(c.xmin) <= pg_catalog.age(%(since)s::xid)
     union all
    select 'pg_opclass', 'pg_catalog.pg_opclass'::pg_catalog.regclass::oid, o.oid, 0, o.xmin, o.cmin, null, null,
           'operator class', array[n.nspname, o.opcname]::text[], pg_catalog.concat_ws(' ', o.opcname, o.opcnamespace)
      from pg_catalog.pg_opclass o
      join pg_catalog.pg_namespace n on n.oid = o.opcnamespace
     where o.oid >= 16384
       and pg_catalog.age(o.xmin) <= pg_catalog.age(%(since)s::xid)
     union all
    select 'pg_description', d.classoid, d.objoid, d.objsubid, d.xmin, d.cmin, null, null, '', null, null
      from pg_catalog.pg_description d
     where (d.objoid >= 16384
            or d.objoid = any (array(select n.oid from pg_catalog.pg_namespace n))
           and d.classoid = 'pg_catalog.pg_namespace'::pg_catalog.regclass)
       and pg_catalog.age(d.xmin) <= pg_catalog.age(%(since)s::xid)
     union all
    select 'pg_namespace', 'pg_catalog.pg_namespace'::pg_catalog.regclass::oid, n.oid, 0, n.xmin, n.cmin, null, null, 'schema',
           array[n.nspname]::text[], ''
      from pg_catalog.pg_namespace n
     where pg_catalog.age(n.xmin) <= pg_catalog.age(%(since)s::xid)
       and n.nspname !~ '^pg_(toast|temp)'
     union all
    select 'pg_extension', 'pg_catalog.pg_extension'::pg_catalog.regclass::oid, e.oid, 0, e.xmin, e.cmin, null, null, '',
           array[e.extname]::text[], ''
      from pg_catalog.pg_extension e
     where pg_catalog.age(e.xmin) <= pg_catalog.age(%(since)s::xid)
     union all
    select 'pg_default_acl', 'pg_catalog.pg_default_acl'::pg_catalog.regclass::oid, a.oid, 0, a.xmin, a.cmin, null, null, '',
           null, ''
      from pg_catalog.pg_default_acl a
     where pg_catalog.age(a.xmin) <= pg_catalog.age(%(since)s::xid)
     union all
    select 'pg_publication', 'pg_catalog.pg_publication'::pg_catalog.regclass::oid, p.oid, 0, p.xmin, p.cmin, null, null, '',
           array[p.pubname]::text[], ''
      from pg_catalog.pg_publication p
     where pg_catalog.age(p.xmin) <= pg_catalog.age(%(since)s::xid)
     union all
    select 'pg_publication_rel', 'pg_catalog.pg_publication_rel'::pg_catalog.regclass::oid, p.oid, 0, p.xmin, p.cmin, null,
           null, '', null, ''
      from pg_catalog.pg_publication_rel p
     where pg_catalog.age(p.xmin) <= pg_catalog.age(%(since)s::xid)
     union all
    select 'pg_event_trigger', 'pg_catalog.pg_event_trigger'::pg_catalog.regclass::oid, t.oid, 0, t.xmin, t.cmin, null, null,
           '', array[t.evtname]::text[], ''
      from pg_catalog.pg_event_trigger t
     where pg_catalog.age(t.xmin) <= pg_catalog.age(%(since)s::xid)
     union all
    select 'pg_foreign_server', 'pg_catalog.pg_foreign_server'::pg_catalog.regclass::oid, s.oid, 0, s.xmin, s.cmin, null, null,
           '', array[s.srvname]::text[], ''
      from pg_catalog.pg_foreign_server s
     where pg_catalog.age(s.xmin) <= pg_catalog.age(%(since)s::xid)
  ) r
 union all -- what all databases of the server share, which no trigger tells of
select 'shared', 0, 0, 0, pg_catalog.pg_snapshot_xmax(pg_catalog.pg_current_snapshot())::text::bigint, 0, null, null, '', null,
       pg_catalog.md5(
         (select pg_catalog.string_agg(a.oid || ' ' || a.xmin || ' ' || a.ctid, ',' order by a.oid) from pg_catalog.pg_authid a)
         || coalesce((select pg_catalog.string_agg(m.roleid || ' ' || m.member || ' ' || m.xmin || ' ' || m.ctid, ','
                                                   order by m.roleid, m.member, m.xmin::text)
                        from pg_catalog.pg_auth_members m), '')
         || (select d.datdba::text from pg_catalog.pg_database d where d.datname = pg_catalog.current_database()))

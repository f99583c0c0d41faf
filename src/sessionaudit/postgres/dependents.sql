-- The dependents of objects that must be dropped when the objects are exchanged, with the statements that drop and
-- recreate them unchanged.
--
-- `given` holds the objects, by the number of the exchange; each exchange is looked at alone. `root` is its object;
-- `goes` says whether it is itself dropped and recreated. Then everything that depends on it is dropped too,
-- recursively. If `goes` is false, the object is a column whose type changes. Then only those dependents are dropped
-- that PostgreSQL does not rebuild itself, and with `rebuilt` also those that it rebuilds from the text of an
-- expression. A null means that an object cannot be recreated.
select n.number, d.*
  from pg_catalog.generate_series(0, %(last)s) n (number)
 cross join lateral (
with recursive given (number, class, id, sub, goes, rebuilt) as (%(given)s),
root (class, id, sub, goes, rebuilt) as (
  select g.class, g.id, g.sub, g.goes, g.rebuilt
    from given g
   where g.number = n.number and g.id is not null
),
walk (class, id, sub, goes, of_class, of_id, of_sub) as (
  select r.class, r.id, r.sub, r.goes, null::oid, null::oid, null::integer
    from root r
   union
  select u.class::oid, u.id, u.sub::integer, u.goes, w.class, w.id, w.sub
    from walk w
   cross join lateral (
     select r.rebuilt,
            r.class = 'pg_catalog.pg_type'::pg_catalog.regclass as of_type,
            w.of_id is null as itself
       from root r
   ) t
   cross join lateral (
     select d.classid, d.objid, d.objsubid, d.refclassid, d.refobjid
       from (
         select w.class, w.id
          union all -- a type has an array type, a range has a multirange, a view has a row type and its array type, a key has an index
         select 'pg_catalog.pg_type'::pg_catalog.regclass, y.typarray
           from pg_catalog.pg_type y
          where w.class = 'pg_catalog.pg_type'::pg_catalog.regclass and y.oid = w.id and y.typarray <> 0
          union all
         select 'pg_catalog.pg_type'::pg_catalog.regclass, v.id
           from pg_catalog.pg_range g
          cross join lateral (select (pg_catalog.to_jsonb(g) ->> 'rngmultitypid')::oid) u (id)
           join pg_catalog.pg_type y on y.oid = u.id
          cross join lateral pg_catalog.unnest(array[y.oid, y.typarray]) as v (id)
          where w.class = 'pg_catalog.pg_type'::pg_catalog.regclass and g.rngtypid = w.id
          union all
         select 'pg_catalog.pg_type'::pg_catalog.regclass, m.oid
           from pg_catalog.pg_type y
          cross join lateral pg_catalog.unnest(array[y.oid, y.typarray]) as m (oid)
          where w.class = 'pg_catalog.pg_class'::pg_catalog.regclass and w.sub = 0 and y.typrelid = w.id and m.oid <> 0
          union all
         select 'pg_catalog.pg_class'::pg_catalog.regclass, k.conindid
           from pg_catalog.pg_constraint k
          where w.class = 'pg_catalog.pg_constraint'::pg_catalog.regclass and k.oid = w.id
            and k.contype in ('p', 'u', 'x')
       ) m (class, id)
       join pg_catalog.pg_depend d
         on d.refclassid = m.class and d.refobjid = m.id and (w.sub = 0 or d.refobjsubid = w.sub)
      where not exists ( -- the constructors of a range type, its multirange and the cast between them
              select from pg_catalog.pg_depend i
               where i.classid = d.classid and i.objid = d.objid and i.deptype = 'i'
                 and i.refclassid = 'pg_catalog.pg_type'::pg_catalog.regclass
                 and d.classid = any (array['pg_catalog.pg_proc', 'pg_catalog.pg_cast',
                                            'pg_catalog.pg_type']::pg_catalog.regclass[]))
      union all -- the inherited column of a child table
     select w.class, c.attrelid, c.attnum, 0, 0
       from pg_catalog.pg_inherits i
       join pg_catalog.pg_attribute p on p.attrelid = i.inhparent and p.attnum = w.sub
       join pg_catalog.pg_attribute c on c.attrelid = i.inhrelid and c.attname = p.attname and not c.attisdropped
      where w.class = 'pg_catalog.pg_class'::pg_catalog.regclass and w.sub <> 0 and i.inhparent = w.id
   ) d
   cross join lateral (
     -- A view depends through its rule.
     select case e.rulename when '_RETURN' then 'pg_catalog.pg_class'::pg_catalog.regclass else d.classid end,
            case e.rulename when '_RETURN' then e.ev_class else e.oid end,
            0,
            case when e.rulename <> '_RETURN' or c.relkind = 'v' then true end
       from pg_catalog.pg_rewrite e
       join pg_catalog.pg_class c on c.oid = e.ev_class
      where d.classid = 'pg_catalog.pg_rewrite'::pg_catalog.regclass and e.oid = d.objid
      union all -- a default; or the expression of a generated column: the whole column is dropped
     select case a.attgenerated when '' then d.classid else 'pg_catalog.pg_class'::pg_catalog.regclass end,
            case a.attgenerated when '' then f.oid else f.adrelid end,
            case a.attgenerated when '' then 0 else a.attnum end,
            true
       from pg_catalog.pg_attrdef f
       join pg_catalog.pg_attribute a on a.attrelid = f.adrelid and a.attnum = f.adnum
      where d.classid = 'pg_catalog.pg_attrdef'::pg_catalog.regclass and f.oid = d.objid
        and ((f.adrelid, f.adnum) is distinct from (w.id, w.sub) or not w.goes and a.attgenerated = '')
      union all -- an index, perhaps that of a constraint
     select case when k.oid is null then d.classid else 'pg_catalog.pg_constraint'::pg_catalog.regclass end,
            coalesce(k.oid, i.indexrelid),
            0,
            true
       from pg_catalog.pg_index i
       left join pg_catalog.pg_constraint k on k.conindid = i.indexrelid and k.contype in ('p', 'u', 'x')
      where d.classid = 'pg_catalog.pg_class'::pg_catalog.regclass and i.indexrelid = d.objid
        and (w.goes or t.rebuilt and (i.indexprs is not null or i.indpred is not null))
      union all -- a column of the type, or one generated from the column
     select d.classid,
            c.oid,
            case when c.relkind in ('v', 'm') then 0 else a.attnum end,
            case when d.refclassid = 0 then w.goes
                 when c.relkind = 'v' or c.relkind in ('r', 'p') and a.attgenerated <> '' then true
                 when c.relkind in ('r', 'p') and t.of_type and t.itself then false end
       from pg_catalog.pg_attribute a
       join pg_catalog.pg_class c on c.oid = a.attrelid
      where d.classid = 'pg_catalog.pg_class'::pg_catalog.regclass and a.attrelid = d.objid and a.attnum = d.objsubid
        and a.attnum <> 0 and c.relkind not in ('i', 'I')
      union all -- a relation other than an index, a sequence or a partition
     select d.classid, c.oid, 0, case when c.relkind = 'v' then true end
       from pg_catalog.pg_class c
      where d.classid = 'pg_catalog.pg_class'::pg_catalog.regclass and c.oid = d.objid and d.objsubid = 0
        and c.relkind not in ('i', 'I', 'S', 't') and (d.refclassid, d.refobjid) is distinct from (d.classid, d.objid)
      union all -- a constraint that is not inherited
     select d.classid, k.oid, 0, case when k.conrelid <> 0 then true end
       from pg_catalog.pg_constraint k
      where d.classid = 'pg_catalog.pg_constraint'::pg_catalog.regclass and k.oid = d.objid
        and k.contype not in ('n', 't') and k.conparentid = 0 and (k.conislocal or k.contype <> 'c')
        and (w.goes or t.rebuilt and (k.contype = 'c' or t.of_type and (t.itself or k.contype = 'f'))
             -- of which both tables change
             or k.contype = 'f' and exists (
                  select from root a, root b
                   where (a.class, a.id, b.class, b.id) = (w.class, k.conrelid, w.class, k.confrelid)
                     and (a.id, a.sub) is distinct from (b.id, b.sub)
                     and exists (select from rows from (pg_catalog.unnest(k.conkey), pg_catalog.unnest(k.confkey))
                                         e (referring, referred_to)
                                  where (e.referring, e.referred_to) = (a.sub, b.sub))))
      union all
     select d.classid, g.oid, 0, true
       from pg_catalog.pg_trigger g
      where d.classid = 'pg_catalog.pg_trigger'::pg_catalog.regclass and g.oid = d.objid
        and not g.tgisinternal and g.tgparentid = 0
      union all
     select d.classid, p.oid, 0, case when p.prokind <> 'a' then true end
       from pg_catalog.pg_proc p
      where d.classid = 'pg_catalog.pg_proc'::pg_catalog.regclass and p.oid = d.objid
      union all
     select d.classid, s.oid, 0, true
       from pg_catalog.pg_statistic_ext s
      where d.classid = 'pg_catalog.pg_statistic_ext'::pg_catalog.regclass and s.oid = d.objid
        and (w.goes or t.rebuilt and pg_catalog.to_jsonb(s) ->> 'stxexprs' is not null
             or (pg_catalog.to_jsonb(s) ->> 'stxstattarget')::integer >= 0) -- which PostgreSQL does not keep
      union all
     select d.classid, l.oid, 0, true
       from pg_catalog.pg_publication_rel l
      where d.classid = 'pg_catalog.pg_publication_rel'::pg_catalog.regclass and l.oid = d.objid
        and (w.goes or pg_catalog.to_jsonb(l) ->> 'prqual' is not null or pg_catalog.to_jsonb(l) ->> 'prattrs' is not null)
      union all -- a type that is not the array type or the row type of another object
     select d.classid, y.oid, 0, null
       from pg_catalog.pg_type y
      where d.classid = 'pg_catalog.pg_type'::pg_catalog.regclass and y.oid = d.objid
        and y.typrelid = 0 and not exists (select from pg_catalog.pg_type e where e.typarray = y.oid)
      union all
     select d.classid, d.objid, d.objsubid,
            case when d.classid = 'pg_catalog.pg_policy'::pg_catalog.regclass then true end
      where d.classid <> all (
              array['pg_catalog.pg_rewrite', 'pg_catalog.pg_attrdef', 'pg_catalog.pg_class', 'pg_catalog.pg_constraint',
                    'pg_catalog.pg_trigger', 'pg_catalog.pg_proc', 'pg_catalog.pg_statistic_ext',
                    'pg_catalog.pg_publication_rel', 'pg_catalog.pg_type']::pg_catalog.regclass[])
   ) u (class, id, sub, goes)
   where w.goes is not null
     and (u.class::oid, u.id, u.sub::integer) is distinct from (w.class, w.id, w.sub)
),
unit (class, id, sub, goes) as (
  select w.class, w.id, w.sub, pg_catalog.bool_or(w.goes)
    from walk w
    left join root r on (r.class, r.id, r.sub) = (w.class, w.id, w.sub)
   where r.id is null or r.goes or r.sub <> 0
   group by w.class, w.id, w.sub
),
relation (id, kind, path, name) as materialized (
  select c.oid, c.relkind, array[n.nspname::text, c.relname::text], pg_catalog.format('%I.%I', n.nspname, c.relname)
    from pg_catalog.pg_class c
    join pg_catalog.pg_namespace n on n.oid = c.relnamespace
   where c.oid in (select u.id from unit u where u.class = 'pg_catalog.pg_class'::pg_catalog.regclass
                    union all select i.indrelid from unit u join pg_catalog.pg_index i on i.indexrelid = u.id
                    union all select e.ev_class from unit u join pg_catalog.pg_rewrite e on e.oid = u.id
                    union all select f.adrelid from unit u join pg_catalog.pg_attrdef f on f.oid = u.id
                    union all select k.conrelid from unit u join pg_catalog.pg_constraint k on k.oid = u.id
                    union all select g.tgrelid from unit u join pg_catalog.pg_trigger g on g.oid = u.id
                    union all select p.polrelid from unit u join pg_catalog.pg_policy p on p.oid = u.id
                    union all select l.prrelid from unit u join pg_catalog.pg_publication_rel l on l.oid = u.id)
),
actor (id, name) as not materialized (
  select 0::oid, 'public'
   union all
  select r.oid, pg_catalog.quote_ident(r.rolname) from pg_catalog.pg_roles r
),
mark (id, statements) as not materialized (
  select i.indexrelid,
         array(select pg_catalog.format(s.statement, i.indrelid::pg_catalog.regclass, c.relname)
                 from (values (i.indisclustered, 'alter table %s cluster on %I'),
                              (i.indisreplident, 'alter table %s replica identity using index %I')
                      ) s (marked, statement)
                where s.marked)
    from pg_catalog.pg_index i
    join pg_catalog.pg_class c on c.oid = i.indexrelid
),
-- `called` is the name in COMMENT and ALTER, `granted` the name in GRANT.
part (class, id, sub, sort, name, called, granted, owner, acl, take, put, path, text) as (
  select u.class, u.id, u.sub, 'type', t.name, 'type ' || t.name, 'type ' || t.name, y.typowner, y.typacl,
         array[]::text[], array[]::text[], array[n.nspname::text, y.typname::text], ''
    from root u
    join pg_catalog.pg_type y on y.oid = u.id
    join pg_catalog.pg_namespace n on n.oid = y.typnamespace
   cross join lateral (select pg_catalog.format('%I.%I', n.nspname, y.typname) as name) t
   where u.class = 'pg_catalog.pg_type'::pg_catalog.regclass
   union all
  select u.class, m.id, 0, 'multirange type', t.name, 'type ' || t.name, null, null, null,
         array[]::text[], array[]::text[], array[n.nspname::text, y.typname::text], ''
    from root u
    join pg_catalog.pg_range g on g.rngtypid = u.id
   cross join lateral (select (pg_catalog.to_jsonb(g) ->> 'rngmultitypid')::oid) m (id)
    join pg_catalog.pg_type y on y.oid = m.id
    join pg_catalog.pg_namespace n on n.oid = y.typnamespace
   cross join lateral (select pg_catalog.format('%I.%I', n.nspname, y.typname) as name) t
   where u.class = 'pg_catalog.pg_type'::pg_catalog.regclass
     and exists (select from pg_catalog.pg_description o where o.classoid = u.class and o.objoid = m.id)
   union all
  select u.class, u.id, u.sub, 'whole publication', t.name, 'publication ' || t.name, null, null, null,
         array[]::text[], array[]::text[], array[b.pubname::text], ''
    from root u
    join pg_catalog.pg_publication b on b.oid = u.id
   cross join lateral (select pg_catalog.format('%I', b.pubname) as name) t
   where u.class = 'pg_catalog.pg_publication'::pg_catalog.regclass
   union all
  select u.class, u.id, u.sub, 'view', r.name, 'view ' || r.name, 'table ' || r.name, c.relowner, c.relacl,
         array['drop view ' || r.name],
         array[pg_catalog.format('create view %s%s as %s', r.name,
                 (select pg_catalog.format(' with (%s)', pg_catalog.string_agg(
                           pg_catalog.format('%I=%L', o.option_name, o.option_value), ', '))
                    from pg_catalog.pg_options_to_table(c.reloptions) o
                  having pg_catalog.count(*) > 0),
                 pg_catalog.btrim(pg_catalog.pg_get_viewdef(c.oid), ' ;'))],
         r.path, ''
    from unit u
    join relation r on r.id = u.id and r.kind = 'v'
    join pg_catalog.pg_class c on c.oid = u.id
   where u.goes and u.class = 'pg_catalog.pg_class'::pg_catalog.regclass and u.sub = 0
   union all
  -- One that is dropped and made anew itself; one that stands on something else is not carried over.
  select u.class, u.id, u.sub, 'materialized view', r.name, 'materialized view ' || r.name, 'table ' || r.name,
         c.relowner, c.relacl,
         array['drop materialized view ' || r.name],
         array[pg_catalog.format('create materialized view %s as %s%s', r.name,
                 pg_catalog.btrim(pg_catalog.pg_get_viewdef(c.oid), ' ;'),
                 case when c.relispopulated then '' else ' with no data' end)]
           || (select array[pg_catalog.format('alter materialized view %s set (%s)', r.name, pg_catalog.string_agg(
                              pg_catalog.format('%I=%L', o.option_name, o.option_value), ', '))]
                 from pg_catalog.pg_options_to_table(c.reloptions) o
               having pg_catalog.count(*) > 0)
           || case when c.reltablespace <> 0
                   then array[pg_catalog.format('alter materialized view %s set tablespace %I', r.name, t.spcname)] end,
         r.path, ''
    from unit u
    join relation r on r.id = u.id and r.kind = 'm'
    join pg_catalog.pg_class c on c.oid = u.id
    left join pg_catalog.pg_tablespace t on t.oid = c.reltablespace
   where u.goes and u.class = 'pg_catalog.pg_class'::pg_catalog.regclass and u.sub = 0
   union all
  select u.class, u.id, u.sub, 'rule', pg_catalog.format('%I of %s', e.rulename, r.name),
         pg_catalog.format('rule %I on %s', e.rulename, r.name), null, null, null,
         array[pg_catalog.format('drop rule %I on %s', e.rulename, r.name)],
         array[pg_catalog.rtrim(pg_catalog.pg_get_ruledef(e.oid), ';')]
           || case when e.ev_enabled <> 'O'
                   then array[pg_catalog.format('alter table %s %s rule %I', r.name, s.word, e.rulename)] end,
         r.path, ''
    from unit u
    join pg_catalog.pg_rewrite e on e.oid = u.id
    join relation r on r.id = e.ev_class
   cross join lateral (
     select case e.ev_enabled when 'D' then 'disable' when 'R' then 'enable replica' else 'enable always' end as word) s
   where u.goes and u.class = 'pg_catalog.pg_rewrite'::pg_catalog.regclass
   union all
  select u.class, u.id, u.sub, 'policy', pg_catalog.format('%I of %s', p.polname, r.name),
         pg_catalog.format('policy %I on %s', p.polname, r.name), null, null, null,
         array[pg_catalog.format('drop policy %I on %s', p.polname, r.name)],
         array[pg_catalog.format('create policy %I on %s as %s for %s to %s', p.polname, r.name,
                 case when p.polpermissive then 'permissive' else 'restrictive' end,
                 case p.polcmd when 'r' then 'select' when 'a' then 'insert' when 'w' then 'update'
                               when 'd' then 'delete' else 'all' end,
                 (select pg_catalog.string_agg(a.name, ', ' order by o.place)
                    from pg_catalog.unnest(p.polroles) with ordinality as o (role, place)
                    join actor a on a.id = o.role))
               || coalesce(' using (' || pg_catalog.pg_get_expr(p.polqual, p.polrelid) || ')', '')
               || coalesce(' with check (' || pg_catalog.pg_get_expr(p.polwithcheck, p.polrelid) || ')', '')],
         r.path, ''
    from unit u
    join pg_catalog.pg_policy p on p.oid = u.id
    join relation r on r.id = p.polrelid
   where u.goes and u.class = 'pg_catalog.pg_policy'::pg_catalog.regclass
   union all
  select u.class, u.id, u.sub, 'trigger', pg_catalog.format('%I of %s', g.tgname, r.name),
         pg_catalog.format('trigger %I on %s', g.tgname, r.name), null, null, null,
         array[pg_catalog.format('drop trigger %I on %s', g.tgname, r.name)],
         array[pg_catalog.pg_get_triggerdef(g.oid)] || s.states
           || array(select pg_catalog.format('comment on trigger %I on %s is %L', o.tgname,
                             o.tgrelid::pg_catalog.regclass, d.description)
                      from pg_catalog.pg_partition_tree(g.tgrelid) b
                      join pg_catalog.pg_trigger o on o.tgrelid = b.relid and o.tgname = g.tgname
                      join pg_catalog.pg_description d
                        on d.classoid = 'pg_catalog.pg_trigger'::pg_catalog.regclass and d.objoid = o.oid
                     where b.level > 0 and o.tgparentid <> 0
                     order by 1),
         r.path, ''
    from unit u
    join pg_catalog.pg_trigger g on g.oid = u.id
    join relation r on r.id = g.tgrelid
   cross join lateral ( -- also those of its copies on partitions
     select array(select pg_catalog.format('alter table only %s %s trigger %I', o.tgrelid::pg_catalog.regclass,
                           case o.tgenabled when 'O' then 'enable' when 'D' then 'disable'
                                            when 'R' then 'enable replica' else 'enable always' end, o.tgname)
                    from pg_catalog.pg_trigger o
                   where o.tgname = g.tgname
                     and (o.oid = g.oid and o.tgenabled <> 'O'
                          or o.tgparentid <> 0 and o.tgenabled <> 'O' and o.tgrelid in (
                             select b.relid from pg_catalog.pg_partition_tree(g.tgrelid) b where b.level > 0))
                   order by o.tgrelid <> g.tgrelid, 1)) s (states)
   where u.goes and u.class = 'pg_catalog.pg_trigger'::pg_catalog.regclass
   union all
  -- The constraint of a partition comes and goes with that of the partitioned table.
  select u.class, u.id, u.sub,
         case k.contype when 'c' then 'check' when 'f' then 'foreign key' when 'p' then 'primary key'
                        when 'u' then 'unique constraint' else 'exclusion constraint' end,
         pg_catalog.format('%I of %s', k.conname, r.name),
         pg_catalog.format('constraint %I on %s', k.conname, r.name), null, null, null,
         case k.conparentid when 0
              then array[pg_catalog.format('alter table %s drop constraint %I', r.name, k.conname)]
              else array[]::text[] end,
         case k.conparentid when 0
              then array[pg_catalog.format('alter table %s add constraint %I %s', r.name, k.conname,
                           pg_catalog.pg_get_constraintdef(k.oid))]
              else array[]::text[] end || coalesce(m.statements, array[]::text[])
           || array(select pg_catalog.format('comment on index %s is %L', k.conindid::pg_catalog.regclass, o.description)
                      from pg_catalog.pg_description o
                     where k.contype in ('p', 'u', 'x') and o.objsubid = 0 and o.objoid = k.conindid
                       and o.classoid = 'pg_catalog.pg_class'::pg_catalog.regclass),
         r.path, ''
    from unit u
    join pg_catalog.pg_constraint k on k.oid = u.id
    join relation r on r.id = k.conrelid
    left join mark m on m.id = k.conindid and k.contype in ('p', 'u', 'x')
   where u.goes and u.class = 'pg_catalog.pg_constraint'::pg_catalog.regclass
   union all
  -- The indexes of partitions are dropped with the partitioned index, and attached to it again by name.
  select u.class, u.id, u.sub, 'index', x.name, 'index ' || x.name, null, null, null,
         case when h.inhparent is null then array['drop index ' || x.name] else array[]::text[] end,
         array[pg_catalog.pg_get_indexdef(i.indexrelid)]
           || case when h.inhparent is not null
                   then array[pg_catalog.format('alter index %s attach partition %s',
                                h.inhparent::pg_catalog.regclass, x.name)] end
           || case when c.reltablespace <> 0
                   then array[pg_catalog.format('alter index %s set tablespace %I', x.name, t.spcname)] end
           || array(select pg_catalog.format('alter index %s alter column %s set statistics %s', x.name, a.attnum,
                             a.attstattarget)
                      from pg_catalog.pg_attribute a
                     where a.attrelid = i.indexrelid and a.attstattarget >= 0
                     order by a.attnum)
           || m.statements,
         r.path, ''
    from unit u
    join relation x on x.id = u.id
    join pg_catalog.pg_index i on i.indexrelid = u.id
    join relation r on r.id = i.indrelid
    join mark m on m.id = i.indexrelid
    join pg_catalog.pg_class c on c.oid = u.id
    left join pg_catalog.pg_inherits h on h.inhrelid = u.id
    left join pg_catalog.pg_tablespace t on t.oid = c.reltablespace
   where u.goes and u.class = 'pg_catalog.pg_class'::pg_catalog.regclass and u.sub = 0
   union all
  select u.class, u.id, u.sub, 'default', pg_catalog.format('%s.%I', r.name, a.attname), null, null, null, null,
         array[pg_catalog.format('alter table only %s alter column %I drop default', r.name, a.attname)],
         array[pg_catalog.format('alter table only %s alter column %I set default %s', r.name, a.attname, e.text)],
         r.path || a.attname::text, e.text
    from unit u
    join pg_catalog.pg_attrdef f on f.oid = u.id
    join relation r on r.id = f.adrelid
    join pg_catalog.pg_attribute a on a.attrelid = f.adrelid and a.attnum = f.adnum
   cross join lateral (select pg_catalog.pg_get_expr(f.adbin, f.adrelid)) e (text)
   where u.goes and u.class = 'pg_catalog.pg_attrdef'::pg_catalog.regclass
   union all
  -- A column that is dropped; the recreated one is the last column of the table. That of a child comes and goes with
  -- its parent's, unless it is defined there too or differs.
  select u.class, u.id, u.sub,
         case when h.with_parent then 'column of a child' when h.fixed <> '' then h.fixed
              when a.attgenerated = '' then 'dropped column' else 'generated column' end,
         pg_catalog.format('%s.%I', r.name, a.attname), pg_catalog.format('column %s.%I', r.name, a.attname),
         null, null, null,
         case when h.with_parent then array[]::text[]
              else array[pg_catalog.format('alter table %s drop column %I', r.name, a.attname)] end,
         case when h.with_parent or h.fixed = '' then
           case when h.with_parent
                then case when a.attnotnull and not h.as_parent
                          then array[pg_catalog.format('alter table %s ', r.name)
                                     || coalesce((select pg_catalog.format('add constraint %I not null %I', k.conname,
                                                                           a.attname)
                                                    from pg_catalog.pg_constraint k
                                                   where k.conrelid = a.attrelid and k.contype = 'n'
                                                     and k.conkey = array[a.attnum]),
                                                 pg_catalog.format('alter column %I set not null', a.attname))]
                          else array[]::text[] end
           else array[pg_catalog.format('alter table %s add column %I %s', r.name, a.attname,
                   pg_catalog.format_type(a.atttypid, a.atttypmod))
                 || coalesce((select ' collate ' || l.oid::pg_catalog.regcollation::text
                                from pg_catalog.pg_collation l
                               where l.oid = a.attcollation and l.oid <> y.typcollation), '')
                 || case a.attgenerated when '' then coalesce(' default ' || e.text, '')
                      else pg_catalog.format(' generated always as (%s) %s', e.text,
                             case a.attgenerated when 's' then 'stored' else 'virtual' end) end
                 || case when a.attnotnull
                         then coalesce((select pg_catalog.format(' constraint %I', k.conname)
                                          from pg_catalog.pg_constraint k
                                         where k.conrelid = a.attrelid and k.contype = 'n'
                                           and k.conkey = array[a.attnum]), '') || ' not null'
                         else '' end] end
           || case when a.attstattarget >= 0
                   then array[pg_catalog.format('alter table only %s alter column %I set statistics %s', r.name, a.attname,
                                a.attstattarget)] end
           || case when a.attstorage <> y.typstorage
                   then array[pg_catalog.format('alter table only %s alter column %I set storage %s', r.name, a.attname,
                                case a.attstorage when 'p' then 'plain' when 'e' then 'external' when 'm' then 'main'
                                                  else 'extended' end)] end
           || (select array[pg_catalog.format('alter table only %s alter column %I set (%s)', r.name, a.attname,
                              pg_catalog.string_agg(o.option_name || '=' || o.option_value, ', '))]
                 from pg_catalog.pg_options_to_table(a.attoptions) o
               having pg_catalog.count(*) > 0)
         end,
         r.path || a.attname::text, ''
    from unit u
    join relation r on r.id = u.id
    join pg_catalog.pg_attribute a on a.attrelid = u.id and a.attnum = u.sub
    join pg_catalog.pg_type y on y.oid = a.atttypid
    left join lateral (
      select pg_catalog.pg_get_expr(f.adbin, f.adrelid) from pg_catalog.pg_attrdef f
       where f.adrelid = u.id and f.adnum = u.sub) e (text) on true
   cross join lateral (
     select case when a.attinhcount > 0 then 'inherited column'
                 when exists (select from pg_catalog.pg_depend d
                               where d.classid = u.class and d.objid = u.id and d.objsubid = u.sub
                                 and d.refclassid = u.class and d.refobjid = u.id and d.refobjsubid = 0)
                 then 'column of a partition key' else '' end as fixed,
            a.attinhcount = 1 and not a.attislocal and o.generated as with_parent,
            o.not_null as as_parent
       from (
         select coalesce(pg_catalog.bool_and(q.attgenerated = a.attgenerated
                                             and (a.attgenerated = ''
                                                  or e.text = pg_catalog.pg_get_expr(f.adbin, f.adrelid))), false),
                pg_catalog.bool_or(q.attnotnull)
           from pg_catalog.pg_inherits i
           join pg_catalog.pg_attribute q on q.attrelid = i.inhparent and q.attname = a.attname and not q.attisdropped
           join unit v on (v.class, v.id, v.sub) = (u.class, q.attrelid, q.attnum::integer) and v.goes
           left join pg_catalog.pg_attrdef f on f.adrelid = q.attrelid and f.adnum = q.attnum
          where i.inhrelid = u.id) o (generated, not_null)) h
   where u.goes and u.class = 'pg_catalog.pg_class'::pg_catalog.regclass and u.sub <> 0
   union all
  select u.class, u.id, u.sub, 'function', r.name, 'routine ' || r.name, 'routine ' || r.name, p.proowner, p.proacl,
         array['drop routine ' || r.name],
         array['set local check_function_bodies = off', pg_catalog.pg_get_functiondef(p.oid),
               'set local check_function_bodies to default'],
         array[]::text[], ''
    from unit u
    join pg_catalog.pg_proc p on p.oid = u.id
   cross join lateral (select p.oid::pg_catalog.regprocedure::text as name) r
   where u.goes and u.class = 'pg_catalog.pg_proc'::pg_catalog.regclass
   union all
  select u.class, u.id, u.sub, 'statistics', r.name, 'statistics ' || r.name, null, s.stxowner, null,
         array['drop statistics ' || r.name],
         array[pg_catalog.pg_get_statisticsobjdef(s.oid)]
           || (select array[pg_catalog.format('alter statistics %s set statistics %s', r.name, o.target)]
                 from (select (pg_catalog.to_jsonb(s) ->> 'stxstattarget')::integer) o (target) where o.target >= 0),
         array[]::text[], ''
    from unit u
    join pg_catalog.pg_statistic_ext s on s.oid = u.id
    join pg_catalog.pg_namespace n on n.oid = s.stxnamespace
   cross join lateral (select pg_catalog.format('%I.%I', n.nspname, s.stxname) as name) r
   where u.goes and u.class = 'pg_catalog.pg_statistic_ext'::pg_catalog.regclass
   union all
  select u.class, u.id, u.sub, 'publication', pg_catalog.format('%I of %s', b.pubname, r.name), null, null, null, null,
         array[pg_catalog.format('alter publication %I drop table %s', b.pubname, r.name)],
         array[pg_catalog.format('alter publication %I add table %s', b.pubname, r.name)
               || coalesce((select pg_catalog.format(' (%s)', pg_catalog.string_agg(
                                     pg_catalog.quote_ident(a.attname), ', ' order by a.attnum))
                              from pg_catalog.pg_attribute a
                             where a.attrelid = l.prrelid
                               and pg_catalog.to_jsonb(l) -> 'prattrs' @> pg_catalog.to_jsonb(a.attnum)
                            having pg_catalog.count(*) > 0), '')
               || coalesce(' where ' || (pg_catalog.to_jsonb(t) ->> 'rowfilter'), '')],
         r.path, ''
    from unit u
    join pg_catalog.pg_publication_rel l on l.oid = u.id
    join pg_catalog.pg_publication b on b.oid = l.prpubid
    join relation r on r.id = l.prrelid
    left join pg_catalog.pg_publication_tables t
      on t.pubname = b.pubname and t.schemaname = r.path[1] and t.tablename = r.path[2]
   where u.goes and u.class = 'pg_catalog.pg_publication_rel'::pg_catalog.regclass
   union all
  select u.class, u.id, u.sub, s.sort, pg_catalog.format('%s.%I', r.name, a.attname), null, null, null, null,
         array[]::text[], array[]::text[], r.path || a.attname::text, pg_catalog.format_type(a.atttypid, a.atttypmod)
    from unit u
    join relation r on r.id = u.id
    join pg_catalog.pg_class c on c.oid = u.id
    join pg_catalog.pg_attribute a on a.attrelid = u.id and a.attnum = u.sub
   cross join lateral (
     select case when exists (select from pg_catalog.pg_depend d
                               where d.classid = u.class and d.objid = u.id and d.objsubid = u.sub
                                 and d.refclassid = u.class and d.refobjid = u.id and d.refobjsubid = 0)
                 then 'column of a partition key'
                 when a.attinhcount > 1 then 'column inherited from two tables'
                 when c.reloftype <> 0 then 'column of a typed table'
                 when pg_catalog.pg_is_other_temp_schema(c.relnamespace) then 'temporary column of another session'
                 when exists (select from pg_catalog.pg_type y
                                join pg_catalog.pg_depend d
                                  on d.refclassid = 'pg_catalog.pg_type'::pg_catalog.regclass
                                     and d.refobjid in (y.oid, y.typarray) and d.classid = u.class and d.objsubid <> 0
                               where y.typrelid = u.id)
                 then 'column of a table whose rows another table holds'
                 when a.attinhcount = 0 then 'column'
                 when exists (select from root o where (o.class, o.id, o.sub) = (u.class, u.id, u.sub))
                 then 'inherited column' end) s (sort)
   where not u.goes and s.sort is not null
   union all
  -- A new type has its own default storage, and the compression method is lost.
  select u.class, u.id, u.sub, 'storage', pg_catalog.format('%s.%I', r.name, a.attname), null, null, null, null,
         array[]::text[], s.statements, r.path || a.attname::text, ''
    from unit u
    join relation r on r.id = u.id
    join pg_catalog.pg_attribute a on a.attrelid = u.id and a.attnum = u.sub
    join pg_catalog.pg_type y on y.oid = a.atttypid
   cross join lateral (
     select array(select pg_catalog.format('alter table only %s alter column %I set %s', r.name, a.attname, o.what)
                    from (values (case when a.attstorage <> y.typstorage then 'storage ' || case a.attstorage
                                    when 'p' then 'plain' when 'e' then 'external' when 'm' then 'main'
                                    else 'extended' end end),
                                 ('compression ' || case pg_catalog.to_jsonb(a) ->> 'attcompression'
                                    when 'p' then 'pglz' when 'l' then 'lz4' end)) o (what)
                   where o.what is not null)) s (statements)
   where not u.goes and u.class = 'pg_catalog.pg_class'::pg_catalog.regclass and u.sub <> 0
     and pg_catalog.cardinality(s.statements) > 0
   union all
  -- An index that PostgreSQL rebuilds itself, for another type of its column, loses these settings.
  select u.class, u.id, u.sub, 'bond', pg_catalog.format('%s.%I', r.name, a.attname), null, null, null, null,
         array[]::text[], s.statements, r.path || a.attname::text, ''
    from unit u
    join relation r on r.id = u.id
    join pg_catalog.pg_attribute a on a.attrelid = u.id and a.attnum = u.sub
   cross join lateral (
     select array(select pg_catalog.format('alter index %s depends on extension %I',
                           i.indexrelid::pg_catalog.regclass, e.extname)
                    from pg_catalog.pg_index i
                    join pg_catalog.pg_depend d
                      on d.classid = 'pg_catalog.pg_class'::pg_catalog.regclass and d.objid = i.indexrelid
                         and d.deptype = 'x'
                    join pg_catalog.pg_extension e on e.oid = d.refobjid
                   where i.indrelid = u.id and u.sub = any (i.indkey::int2[])
                     and not exists (select from unit o where o.id = i.indexrelid)
                   order by 1)) s (statements)
   where not u.goes and u.class = 'pg_catalog.pg_class'::pg_catalog.regclass and u.sub <> 0
     and pg_catalog.cardinality(s.statements) > 0
   union all
  select u.class, u.id, u.sub,
         coalesce((select case y.typtype when 'd' then 'domain' when 'r' then 'range type' end
                     from pg_catalog.pg_type y
                    where u.class = 'pg_catalog.pg_type'::pg_catalog.regclass and y.oid = u.id), i.type),
         i.identity, null, null, null, null, array[]::text[], array[]::text[], array[]::text[], ''
    from unit u
   cross join lateral pg_catalog.pg_identify_object(u.class, u.id, u.sub) i
   where u.goes is null
),
-- Compiled functions in other sessions keep the oid of a type, and fail if it was dropped or replaced ("cache lookup
-- failed for type"), until the function is altered. The exact set of these functions is unknown: this finds those that
-- name the type or the table, as a separate word, or are called by its triggers. An unquoted name may be written in
-- upper or lower case; a quote in a name is doubled.
named (id, pattern) as (
  select n.id,
         pg_catalog.format('(^|[^[:alnum:]_$])%s($|[^[:alnum:]_$])',
           pg_catalog.regexp_replace(pg_catalog.replace(n.name, '"', '""'), '([][\\.*+?^$(){}|])', '\\\1', 'g'))
    from (
      select null::oid, t.path[2] from part t where t.sort = 'type'
       union
      select c.oid, c.relname::text
        from walk w
        join pg_catalog.pg_class c on c.oid = w.id
       where not w.goes and w.class = 'pg_catalog.pg_class'::pg_catalog.regclass
    ) n (id, name)
),
compiled (name, put) as (
  select p.oid::pg_catalog.regprocedure::text,
         pg_catalog.format('alter routine %s security %s', p.oid::pg_catalog.regprocedure,
           case when p.prosecdef then 'definer' else 'invoker' end)
    from pg_catalog.pg_proc p
    join pg_catalog.pg_language l on l.oid = p.prolang and l.lanname = 'plpgsql'
   where pg_catalog.pg_has_role(p.proowner, 'USAGE')
     and p.oid not in (select u.id from unit u where u.class = 'pg_catalog.pg_proc'::pg_catalog.regclass)
     and not exists (select from pg_catalog.pg_depend d
                      where d.classid = 'pg_catalog.pg_proc'::pg_catalog.regclass and d.objid = p.oid
                        and d.deptype = 'e')
     and exists (select from named n
                  where p.prosrc ~* n.pattern
                     or p.oid in (select g.tgfoid from pg_catalog.pg_trigger g where g.tgrelid = n.id))
)
select p.sort || case when x.member then ' of an extension' else '' end as sort,
       p.name collate "C" as name,
       p.take,
       case when (pg_catalog.cardinality(p.put) > 0 or p.sort in ('type', 'multirange type', 'whole publication', 'column of a child'))
                 and not x.member
            then p.put
                 || case when p.owner is not null
                         then array[pg_catalog.format('alter %s owner to %I', p.called,
                                      pg_catalog.pg_get_userbyid(p.owner))] end
                 || rights.statements || column_rights.statements || comments.statements || bonds.statements
            else array[]::text[] end as put,
       p.path,
       p.text,
       pg_catalog.format('%s %s %s', p.class, p.id, p.sub) || case when p.sort in ('storage', 'bond') then ' ' || p.sort else '' end
         as key,
       array(select distinct pg_catalog.format('%s %s %s', w.of_class, w.of_id, w.of_sub)
               from walk w
              where (w.class, w.id, w.sub) = (p.class, p.id, p.sub) and w.of_id is not null
              order by 1) as after,
       pg_catalog.array_position(
         array['type', 'column', 'generated column', 'dropped column', 'column of a child', 'function', 'statistics', 'default',
               'primary key', 'unique constraint', 'exclusion constraint', 'check', 'materialized view', 'index', 'foreign key', 'view',
               'rule', 'trigger', 'policy', 'publication'], p.sort) as place,
       -- A check of a child is added before the parent's, which is merged with it.
       not exists (select from pg_catalog.pg_inherits i
                     join relation r on r.id = i.inhrelid
                    where r.path = p.path[:2]) as highest
  from part p
 cross join lateral (
   select exists (select from pg_catalog.pg_depend d
                   where d.classid = p.class and d.objid = p.id and p.sub = 0 and d.deptype = 'e') as member,
          case pg_catalog.left(p.granted, 2) when 'ta' then 'r' when 'ro' then 'f' else 'T' end::"char" as kind) x
 cross join lateral (
   -- Privileges that default privileges grant on the new object are revoked first.
   select array[pg_catalog.format('revoke all on %s from public, %s', p.granted,
                  pg_catalog.string_agg(distinct pg_catalog.quote_ident(pg_catalog.pg_get_userbyid(d.role)), ', '))]
          || array(select pg_catalog.format('grant %s on %s to %s%s',
                            pg_catalog.string_agg(pg_catalog.lower(g.right), ', ' order by g.place), p.granted,
                            a.name, case when g.grantable then ' with grant option' else '' end)
                     from pg_catalog.aclexplode(coalesce(p.acl, pg_catalog.acldefault(x.kind, p.owner)))
                            with ordinality as g (grantor, role, "right", grantable, place)
                     join actor a on a.id = g.role
                    group by a.name, g.grantable
                    order by pg_catalog.min(g.place)) as statements
     from (select p.owner as role
            union all
           select e.grantee
             from pg_catalog.pg_default_acl a
            cross join lateral pg_catalog.aclexplode(a.defaclacl) e
            where a.defaclobjtype = x.kind and e.grantee <> 0) d
    where p.granted is not null
      and (p.acl is not null or exists (select from pg_catalog.pg_default_acl a where a.defaclobjtype = x.kind))
   having pg_catalog.count(*) > 0
    union all
   select array[]::text[]
    limit 1) rights
 cross join lateral (
   select array(select pg_catalog.format('grant %s on table %s to %s%s',
                         pg_catalog.string_agg(pg_catalog.format('%s (%I)', pg_catalog.lower(g.right), a.attname), ', '
                                               order by g.place),
                         p.id::pg_catalog.regclass, r.name, case when g.grantable then ' with grant option' else '' end)
                  from pg_catalog.pg_attribute a
                 cross join lateral pg_catalog.aclexplode(a.attacl)
                         with ordinality as g (grantor, role, "right", grantable, place)
                  join actor r on r.id = g.role
                 where p.class = 'pg_catalog.pg_class'::pg_catalog.regclass and a.attrelid = p.id and not a.attisdropped
                   and (a.attnum = p.sub or p.sort in ('view', 'materialized view')) and p.sort not in ('storage', 'bond')
                 group by a.attnum, r.name, g.grantable
                 order by a.attnum, pg_catalog.min(g.place)) as statements) column_rights
 cross join lateral (
   select array(select pg_catalog.format('comment on %s is %L',
                         case o.objsubid when p.sub then p.called
                           else (select pg_catalog.format('column %s.%I', p.name, a.attname)
                                   from pg_catalog.pg_attribute a
                                  where a.attrelid = p.id and a.attnum = o.objsubid) end,
                         o.description)
                  from pg_catalog.pg_description o
                 where p.called is not null and o.classoid = p.class and o.objoid = p.id
                   and (o.objsubid = p.sub or p.sort in ('view', 'materialized view'))
                 order by o.objsubid)
          || array(select pg_catalog.format('security label for %I on %s is %L', o.provider, p.called, o.label)
                     from pg_catalog.pg_seclabel o
                    where p.called is not null and o.classoid = p.class and o.objoid = p.id and o.objsubid = p.sub
                    order by o.provider) as statements) comments
 cross join lateral (
   select array(select pg_catalog.format('alter %s depends on extension %I', p.called, e.extname)
                  from pg_catalog.pg_depend d
                  join pg_catalog.pg_extension e on e.oid = d.refobjid
                 where d.classid = p.class and d.objid = p.id and d.deptype = 'x'
                 order by e.extname) as statements) bonds
 union all
select 'function', c.name collate "C", array[]::text[], array[c.put], array[]::text[], '', 'compiled ' || c.name,
       array[]::text[], null, true
  from compiled c
) d
 order by n.number, d.place, d.highest, d.name, d.key

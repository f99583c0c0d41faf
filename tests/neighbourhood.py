"""What objects have beside their definitions, which an exchange must keep: comments, marks, targets, bonds."""

from __future__ import annotations

from typing import TYPE_CHECKING

from servers import connected

if TYPE_CHECKING:
    from collections.abc import Iterable

    import psycopg

    from sessionaudit.core.step import Step

# What nothing in a contract states, put on everything that can have it.
ADORN = r"""
do $do$
declare
  one record;
  statement text;
begin
  for statement in
    with own as (select n.oid from pg_namespace n where n.nspname !~ '^pg_' and n.nspname <> 'information_schema')
    select format('comment on %s %s is %L', case c.relkind when 'i' then 'index' when 'I' then 'index'
                    when 'v' then 'view' when 'm' then 'materialized view' when 'f' then 'foreign table'
                    else 'table' end, c.oid::regclass, 'of ' || c.relname)
      from pg_class c where c.relnamespace in (select oid from own) and c.relkind in ('r', 'p', 'i', 'I', 'v', 'm', 'f')
    union all
    select format('comment on column %s.%I is %L', c.oid::regclass, a.attname, 'of ' || a.attname)
      from pg_class c join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
     where c.relnamespace in (select oid from own) and c.relkind in ('r', 'p', 'v', 'f')
    union all
    select format('comment on constraint %I on %s is %L', k.conname, k.conrelid::regclass, 'of ' || k.conname)
      from pg_constraint k
     where k.connamespace in (select oid from own) and k.conrelid <> 0 and k.contype not in ('n', 't')
    union all
    select format('comment on constraint %I on domain %s is %L', k.conname, k.contypid::regtype, 'of ' || k.conname)
      from pg_constraint k
     where k.connamespace in (select oid from own) and k.contypid <> 0 and k.contype = 'c'
    union all
    select format('comment on trigger %I on %s is %L', t.tgname, t.tgrelid::regclass, 'of ' || t.tgname)
      from pg_trigger t join pg_class c on c.oid = t.tgrelid
     where c.relnamespace in (select oid from own) and not t.tgisinternal
    union all
    select format('comment on policy %I on %s is %L', p.polname, p.polrelid::regclass, 'of ' || p.polname)
      from pg_policy p
    union all
    select format('comment on routine %s is %L', p.oid::regprocedure, 'of ' || p.proname)
      from pg_proc p where p.pronamespace in (select oid from own) and p.prokind <> 'a'
       and not exists (select from pg_depend d where d.objid = p.oid and d.deptype = 'e')
    union all
    select format('alter routine %s depends on extension plpgsql', p.oid::regprocedure)
      from pg_proc p where p.pronamespace in (select oid from own) and p.prokind <> 'a'
       and not exists (select from pg_depend d where d.objid = p.oid and d.deptype = 'e')
    union all
    select format('comment on type %s is %L', t.oid::regtype, 'of ' || t.typname)
      from pg_type t where t.typnamespace in (select oid from own) and t.typtype in ('e', 'd')
    union all
    select format('alter trigger %I on %s depends on extension plpgsql', t.tgname, t.tgrelid::regclass)
      from pg_trigger t join pg_class c on c.oid = t.tgrelid
     where c.relnamespace in (select oid from own) and not t.tgisinternal and t.tgparentid = 0
    union all
    select format('alter index %s depends on extension plpgsql', i.indexrelid::regclass)
      from pg_index i join pg_class c on c.oid = i.indexrelid
     where c.relnamespace in (select oid from own) and c.relkind = 'i' and not c.relispartition
       and not exists (select from pg_constraint k where k.conindid = i.indexrelid)
    union all
    select format('alter index %s alter column %s set statistics 77', i.indexrelid::regclass, a.attnum)
      from pg_index i join pg_class c on c.oid = i.indexrelid join pg_attribute a on a.attrelid = c.oid
     where c.relnamespace in (select oid from own) and c.relkind = 'i' and i.indkey[a.attnum - 1] = 0
    union all
    select format('alter table %s cluster on %I', i.indrelid::regclass, min(c.relname collate "C"))
      from pg_index i join pg_class c on c.oid = i.indexrelid join pg_am m on m.oid = c.relam and m.amname = 'btree'
      join pg_class r on r.oid = i.indrelid and r.relkind = 'r'
     where c.relnamespace in (select oid from own) and i.indisvalid and i.indpred is null
     group by i.indrelid
  loop
    execute statement;
  end loop;
end
$do$"""

WORN = r"""
with own as (select n.oid from pg_namespace n where n.nspname !~ '^pg_' and n.nspname <> 'information_schema'),
worn (object, what) as (
  select i.type || ' ' || i.identity, 'comment ' || d.description
    from pg_description d cross join lateral pg_identify_object(d.classoid, d.objoid, d.objsubid) i
   where d.objoid >= 16384 -- none of the thousands of comments that PostgreSQL has itself
     and (i.schema in (select n.nspname from pg_namespace n join own on own.oid = n.oid) or i.type in (
            'trigger', 'policy', 'table constraint', 'domain constraint', 'rule', 'table column'))
  union all
  select i.type || ' ' || i.identity, 'depends on extension'
    from pg_depend d cross join lateral pg_identify_object(d.classid, d.objid, d.objsubid) i
   where d.deptype = 'x'
  union all
  select 'index ' || x.indexrelid::regclass::text, case when x.indisclustered then 'clustered ' else '' end
         || case when x.indisreplident then 'replica identity' else '' end
    from pg_index x join pg_class c on c.oid = x.indexrelid
   where c.relnamespace in (select oid from own) and (x.indisclustered or x.indisreplident)
  union all
  select 'column ' || c.oid::regclass::text || ' ' || a.attnum, 'statistics ' || a.attstattarget
    from pg_attribute a join pg_class c on c.oid = a.attrelid
   where c.relnamespace in (select oid from own) and a.attstattarget > 0 and not a.attisdropped
  union all
  select 'trigger ' || t.tgname || ' on ' || t.tgrelid::regclass::text, 'state ' || t.tgenabled::text
    from pg_trigger t join pg_class c on c.oid = t.tgrelid
   where c.relnamespace in (select oid from own) and not t.tgisinternal
  union all
  select i.type || ' ' || i.identity, 'privileges ' || a.item::text
    from (select 'pg_class'::regclass, oid, 0, relacl, relnamespace from pg_class
          union all
          select 'pg_class'::regclass, c.oid, a.attnum, a.attacl, c.relnamespace
            from pg_attribute a join pg_class c on c.oid = a.attrelid where not a.attisdropped
          union all
          select 'pg_proc'::regclass, oid, 0, proacl, pronamespace from pg_proc
          union all
          select 'pg_type'::regclass, oid, 0, typacl, typnamespace from pg_type) o (class, id, sub, acl, schema)
   cross join lateral unnest(o.acl) a (item)
   cross join lateral pg_identify_object(o.class, o.id, o.sub) i
   where o.schema in (select oid from own)
  union all
  select 'relation ' || c.oid::regclass::text, 'options ' || o.option
    from pg_class c cross join lateral unnest(c.reloptions) o (option)
   where c.relnamespace in (select oid from own)
  union all
  select 'owner of ' || c.oid::regclass::text, pg_get_userbyid(c.relowner)
    from pg_class c where c.relnamespace in (select oid from own) and c.relkind in ('r', 'v', 'm', 'p')
)
select object, what from worn order by 1, 2"""


_WORN = WORN.replace(" pg_", " pg_catalog.pg_")


def adorn(database: str | psycopg.Connection) -> None:
    """Give everything in a database what nothing in a contract states."""
    with connected(database) as connection:
        connection.execute(ADORN.encode())


def worn(database: str | psycopg.Connection) -> dict[str, set[str]]:
    """What each object has beside its definition, by what the server calls it."""
    found: dict[str, set[str]] = {}
    with connected(database) as connection:
        connection.execute("set search_path to ''")
        for name, what in connection.execute(_WORN.encode(), prepare=True):  # which is run a second time
            found.setdefault(name, set()).add(what)
    return found


def lost(before: dict[str, set[str]], after: dict[str, set[str]], steps: Iterable[Step]) -> list[str]:
    """What objects no longer have, without that of which a step says that it changes it.

    A comment goes with its object, so that an object of which nothing is left must be one that a step drops.
    """
    done = list(steps)
    actions = " ".join(step.action for step in done)
    named = {part for step in done for part in step.ref.path}
    found: list[str] = []
    for name, had in before.items():
        for what in sorted(had - after.get(name, set())):
            word = what.partition(" ")[0]
            if any(
                words in actions for words in _CHANGES.get("owner" if name.startswith("owner of ") else word, ())
            ) or (name not in after and any(part in name for part in named) and any(w in actions for w in _DROPS)):
                continue
            found.append(f"{name}: {what}")
    return found


_DROPS = ("Drop ", "Rename ", "Recreate", "Change the type ")
_CHANGES = {
    "privileges": ("Grant", "Revoke", "Change the owner "),
    "owner": ("Change the owner ",),
    "state": ("Enable the trigger", "Disable the trigger", "Replace the trigger"),
    "statistics": ("Change the type ", "Recreate"),
    "options": ("Set the options", "Set the storage parameters"),
    "comment": ("Comment on", "Remove the comment"),
    "clustered": ("the replica identity of",),
}

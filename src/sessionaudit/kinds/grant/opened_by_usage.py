"""What USAGE on a schema gives a role access to, beyond what the contract gives it there."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from msgspec.structs import replace

from sessionaudit.core.ref import ObjectRef, dotted
from sessionaudit.core.step import Guard, Hazard, Obstacle, Risk
from sessionaudit.kinds.common import guard
from sessionaudit.kinds.grant import column_privileges
from sessionaudit.kinds.grant.kind import KIND
from sessionaudit.kinds.grant.model import PRIVILEGES, Grant
from sessionaudit.sql.text import literal, quoted

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from sessionaudit.core.cure import Difference
    from sessionaudit.core.kind import ObjectPath


class Opening(NamedTuple):
    """What USAGE on a schema opens to a role: what must be closed before, and the risk that it is more."""

    guards: tuple[Guard, ...]
    risk: Risk


def of_schema(difference: Difference[Grant]) -> Opening:
    """What USAGE on the schema of a grant's table opens to its role; the same for all of the role's grants there."""
    key = ("opening", difference.ref.path[0], difference.ref.path[2])
    return difference.once(key, lambda: Opening((*_excess(difference), *_unguarded(difference)), _risk(difference)))


def _excess(difference: Difference[Grant]) -> Iterator[Guard]:
    """The privileges of the role in the schema that go, and would be of use once it has USAGE."""
    for path, grant in difference.present["grant"].items():
        wanted = difference.wanted["grant"]
        if _alike(difference, path) and path in wanted and _beyond(wanted[path], grant):
            yield Guard(
                ObjectRef("grant", path),
                f"USAGE on the schema {quoted(path[0])} would give {quoted(path[2])} access to {dotted(path[:2])}, "
                "where it has more privileges than the contract gives it",
            )


def _unguarded(difference: Difference[Grant]) -> Iterator[Guard]:
    """What must keep others out of the tables on which the role, or PUBLIC, has the contract's privileges already."""
    for path in difference.present["grant"]:
        if _serves(difference, path):
            guards = guard.of_rows(replace(difference, ref=ObjectRef("grant", path)))
            yield from (one for one in guards if one.stands is not True)


def _alike(difference: Difference[Grant], path: ObjectPath) -> bool:
    own = difference.ref.path
    return (path[0], path[2]) == (own[0], own[2])


def _serves(difference: Difference[Grant], path: ObjectPath) -> bool:
    """Whether a grant in the schema is the role's, or everybody's."""
    return path[0] == difference.ref.path[0] and path[2] in {difference.ref.path[2], "public"}


def _beyond(expected: Grant | None, actual: Grant) -> bool:
    """Whether a role was given itself what the contract does not give it."""
    if expected is None:
        return bool(actual.granted or actual.own_columns)
    more = actual.granted - expected.privileges or column_privileges.beyond(
        actual.own_columns, expected.privileges, expected.columns
    )
    return bool(more) and not expected.every


def _risk(difference: Difference[Grant]) -> Risk:
    """The risk that it is something of which the contract says nothing, or that it does not give.

    USAGE serves the role, and those that inherit from it. What other steps revoke before is left out, and so are
    functions that the contract has.
    """
    path = difference.ref.path
    schema, role = quoted(path[0]), "PUBLIC" if path[2] == "public" else quoted(path[2])
    functions = {other[1] for other, value in difference.wanted["function"].items() if value and other[0] == path[0]}
    return Risk(
        hazard=Hazard.OPEN,
        found=Obstacle(
            rows=_OPENED.format(
                schema=literal(path[0]),
                role=literal(path[2]),
                given=_texts(_given(difference)),
                granted=_texts({*_coming(difference), *(one.ref.path[1] for one in _excess(difference))}),
                functions=_texts(functions),
                told=literal(f"USAGE on the schema {schema} would also give {role} access to "),
            ),
            what=f"{role} would also get access to other objects of the schema {schema}",
            hint="State the role's privileges on them in the contract, or revoke them.",
        ),
    )


def _coming(difference: Difference[Grant]) -> Iterator[str]:
    """The tables that are to come: what default privileges give the role on them goes with its grant there."""
    for path in difference.wanted["grant"]:
        if _alike(difference, path) and not any(path[:2] in difference.present[name] for name in KIND.within):
            yield path[1]


def _given(difference: Difference[Grant]) -> Iterator[str]:
    """What the contract gives the role, or PUBLIC, where anybody has something: a relation, a privilege, a column."""
    there = {path[:2] for path in difference.present["grant"]}
    for path, grant in difference.wanted["grant"].items():
        if grant is None or path[:2] not in there or not _serves(difference, path):
            continue
        for privilege in PRIVILEGES if grant.every else grant.privileges:
            yield f"{_always_quoted(path[1])} {privilege}"
        for privilege, column in grant.columns:
            yield f"{_always_quoted(path[1])} {privilege} {_always_quoted(column)}"


def _texts(values: Iterable[str]) -> str:
    """An array as one constant, which the server reads faster than an expression of many."""
    elements = (_always_quoted(value.replace("\\", "\\\\"), escape="\\") for value in sorted(values))
    return f"{literal('{' + ','.join(elements) + '}')}::text[]"


def _always_quoted(name: str, *, escape: str = '"') -> str:
    return '"{}"'.format(name.replace('"', f'{escape}"'))


# m: who gets USAGE and has none, 0 for PUBLIC. h: in whose name these hold what they hold. A function without SECURITY
# DEFINER lets nobody do what he may not do anyway, and a sequence is used by whoever may insert into its table.
_OPENED = """with g as (
  select {given} as given
), s as (
  select n.oid, pg_catalog.quote_ident(n.nspname) as name
    from pg_catalog.pg_namespace n
   where n.nspname = {schema}
), m as materialized (
  select 0::pg_catalog.oid as oid
    from s
   where {role} = 'public' and not pg_catalog.has_schema_privilege('public'::pg_catalog.name, s.oid, 'usage')
   union all
  select a.oid
    from s
   cross join pg_catalog.pg_roles a
   where not pg_catalog.has_schema_privilege(a.oid, s.oid, 'usage')
     and ({role} = 'public'
          or exists (select
                       from pg_catalog.pg_roles r
                      where r.rolname = {role} and pg_catalog.pg_has_role(a.oid, r.oid, 'usage')))
), h as materialized (
  select 0::pg_catalog.oid as oid, 'public' as name, '' as told
   where exists (select from m)
   union all
  select g.oid, g.rolname, case when pg_catalog.bool_or({role} in ('public', a.rolname)) then ''
                                else ' to ' || pg_catalog.quote_ident(g.rolname) end
    from m
    join pg_catalog.pg_roles a on a.oid = m.oid
    join pg_catalog.pg_roles g on pg_catalog.pg_has_role(a.oid, g.oid, 'usage')
   group by g.oid, g.rolname
), o as (
  select c.relname as relation, pg_catalog.quote_ident(c.relname) as name, '' as suffix,
         coalesce(c.relacl, pg_catalog.acldefault('r', c.relowner)) as acl
    from s
    join pg_catalog.pg_class c on c.relnamespace = s.oid and c.relkind in ('r', 'p', 'v', 'm', 'f')
   union all
  select c.relname, pg_catalog.quote_ident(c.relname), ' "' || pg_catalog.replace(a.attname, '"', '""') || '"', a.attacl
    from s
    join pg_catalog.pg_class c on c.relnamespace = s.oid and c.relkind in ('r', 'p', 'v', 'm', 'f')
    join pg_catalog.pg_attribute a on a.attrelid = c.oid and not a.attisdropped and a.attacl is not null
   union all
  select null, pg_catalog.quote_ident(c.relname), '', coalesce(c.relacl, pg_catalog.acldefault('s', c.relowner))
    from s
    join pg_catalog.pg_class c on c.relnamespace = s.oid and c.relkind = 'S'
   where not exists (select
                       from pg_catalog.pg_depend d
                       join pg_catalog.pg_class t on t.oid = d.refobjid
                      where d.classid = 'pg_catalog.pg_class'::pg_catalog.regclass and d.objid = c.oid
                        and d.refclassid = d.classid and d.deptype in ('a', 'i')
                        and '"' || pg_catalog.replace(t.relname, '"', '""') || '" insert'
                            = any ((select g.given from g)::text[]))
   union all
  select null, pg_catalog.quote_ident(p.proname) || '(' || pg_catalog.pg_get_function_identity_arguments(p.oid) || ')',
         '', coalesce(p.proacl, pg_catalog.acldefault('f', p.proowner))
    from s
    join pg_catalog.pg_proc p on p.pronamespace = s.oid and p.prosecdef
   where p.prorettype not in ('pg_catalog.trigger'::pg_catalog.regtype, 'pg_catalog.event_trigger'::pg_catalog.regtype)
     and p.proname <> all ({functions})
)
select null as key, {told} || pg_catalog.string_agg(f.told, ', ' order by f.told) as opened
  from (select s.name || '.' || o.name || ' ('
               || pg_catalog.string_agg(distinct pg_catalog.lower(x.privilege_type) || h.told, ', ') || ')' as told
          from s
         cross join g
         cross join o
         cross join lateral pg_catalog.aclexplode(o.acl) x
          join h on h.oid = x.grantee
         cross join lateral (select '"' || pg_catalog.replace(o.relation, '"', '""') || '" '
                                    || pg_catalog.lower(x.privilege_type) as text) w
         where not coalesce(h.name = {role} and o.relation = any ({granted}), false)
           and coalesce(w.text <> all (g.given) and w.text || o.suffix <> all (g.given), true)
         group by s.name, o.name) f
having pg_catalog.count(*) > 0"""

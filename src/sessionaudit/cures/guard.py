"""What must keep others out before a policy or a grant lets somebody in."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sessionaudit.core.cure import Difference, array
from sessionaudit.core.ref import ObjectRef, dotted
from sessionaudit.core.sql import literal, quoted
from sessionaudit.core.step import Guard, Hazard, Obstacle, Risk
from sessionaudit.kinds import cells, table_kind
from sessionaudit.kinds.grant import PRIVILEGES, Grant
from sessionaudit.kinds.table import OFF

if TYPE_CHECKING:
    from collections.abc import Iterator

_LET_IN = "{}, and whom that keeps out would be let in"


def of_rows(difference: Difference[Any]) -> tuple[Guard, ...]:
    """What the contract has between whoever gets at a table and its rows: row security and restrictive policies."""
    return (*_relation(difference), *restrictive(difference))


def _relation(difference: Difference[Any]) -> Iterator[Guard]:
    """That it is what the contract means, and its row security on; a table that is missing is made with it."""
    ref = difference.holder
    expected, actual = (side["table"].get(ref.path) for side in (difference.wanted, difference.present))
    if expected is None or actual is None:
        return
    guarded = expected.row_security is not None and expected.row_security not in OFF
    if actual.kind not in table_kind.TABLES and (guarded or not table_kind.same(expected, actual)):
        meant = expected.kind or "table"
        why = "which has no row security" if table_kind.same(expected, actual) else f"and the contract means a {meant}"
        yield Guard(ref, f"{difference.on} is a {actual.kind}, {why}: who is let in there sees what it shows")
    elif guarded:
        lacking = _LET_IN.format(f"the row security of {difference.on} is off")
        yield Guard(ref, lacking, stands=actual.row_security not in OFF)
    elif expected.shape.options:
        without = {*expected.shape.options} - {*(actual.shape.options or ())}
        words = " and ".join(sorted(without or expected.shape.options))
        lacking = f"{difference.on} is without {words}: who is let in there sees or writes more than is meant"
        yield Guard(ref, lacking, stands=not without)


def restrictive(difference: Difference[Any]) -> tuple[Guard, ...]:
    """The restrictive policies that the contract has on a table."""
    actual = difference.present["policy"]
    return tuple(
        Guard(
            ref,
            _LET_IN.format(f"the restrictive {ref} is not as expected"),
            stands=True if actual.get(path) == policy else None if path in actual else False,
        )
        for path, policy in difference.declared("policy", difference.table).items()
        if policy is not None and not policy.permissive
        for ref in (ObjectRef("policy", path),)
    )


# What USAGE on a schema opens


def of_others(difference: Difference[Grant]) -> tuple[Guard, ...]:
    """The privileges of the role in the schema that go, and would be of use once it has USAGE."""
    return tuple(
        Guard(
            ref,
            f"USAGE on the schema {quoted(path[0])} would open {dotted(path[:2])} to {quoted(path[2])}, which has more "
            "there than the contract gives it",
        )
        for path, grant in difference.present["grant"].items()
        if _alike(difference, path) and path in difference.wanted["grant"]
        if _beyond(difference.wanted["grant"][path], grant)
        for ref in (ObjectRef("grant", path),)
    )


def _alike(difference: Difference[Grant], path: tuple[str, ...]) -> bool:
    own = difference.ref.path
    return (path[0], path[2]) == (own[0], own[2])


def _beyond(expected: Grant | None, actual: Grant) -> bool:
    """Whether a role was given itself what the contract does not give it."""
    if expected is None:
        return bool(actual.granted or actual.own_columns)
    more = actual.granted - expected.privileges or cells.beyond(
        actual.own_columns, expected.privileges, expected.columns
    )
    return bool(more) and not expected.every


def opening(difference: Difference[Grant]) -> Risk:
    """The risk that USAGE on the schema gives the role the use of relations of which the contract says nothing.

    What the step itself, or a step before it, revokes is left out.
    """
    path = difference.ref.path
    schema, role = quoted(path[0]), "PUBLIC" if path[2] == "public" else quoted(path[2])
    given = [
        f"{other[1]} {word}"
        for other, grant in difference.wanted["grant"].items()
        if grant is not None and _alike(difference, other)
        for word in (
            *(PRIVILEGES if grant.every else grant.privileges),
            *(f"{privilege} {column}" for privilege, column in grant.columns),
        )
    ]
    mended = {path[1], *(one.ref.path[1] for one in of_others(difference))}
    return Risk(
        hazard=Hazard.OPEN,
        found=Obstacle(
            rows=_OPENED.format(
                schema=literal(path[0]),
                who="'public'::pg_catalog.name" if path[2] == "public" else "r.oid",
                roles="(values (0::oid)) r (oid)"
                if path[2] == "public"
                else f"(select a.oid from pg_catalog.pg_roles a where a.rolname = {literal(path[2])}) r",
                given=array(sorted(given)),
                mended=array(sorted(mended)),
                told=literal(f"USAGE on the schema {schema} opens to {role} also "),
            ),
            what=f"other relations of the schema {schema} would be open to {role}",
            hint="State in the contract what the role may do with them, or revoke it.",
        ),
    )


# A privilege on a column is followed by its name; one through PUBLIC, or of a role of which the role is a member,
# is opened as its own are. Where it is PUBLIC that gets USAGE, so are those of every role that has none.
_OPENED = """select null as key, {told} || pg_catalog.string_agg(f.told, ', ' order by f.told) as opened
  from (select pg_catalog.quote_ident(n.nspname) || '.' || pg_catalog.quote_ident(c.relname) || ' ('
               || pg_catalog.string_agg(distinct pg_catalog.lower(x.privilege_type), ', ') || ')' as told
          from pg_catalog.pg_class c
          join pg_catalog.pg_namespace n on n.oid = c.relnamespace and n.nspname = {schema}
         cross join {roles}
         cross join lateral (
               select coalesce(c.relacl, pg_catalog.acldefault('r', c.relowner)) as acl, '' as suffix
                union all
               select a.attacl, ' ' || a.attname
                 from pg_catalog.pg_attribute a
                where a.attrelid = c.oid and not a.attisdropped and a.attacl is not null) l
         cross join lateral pg_catalog.aclexplode(l.acl) x
         where c.relkind in ('r', 'p', 'v', 'm', 'f')
           and not pg_catalog.has_schema_privilege({who}, n.oid, 'usage')
           and case when x.grantee = 0 then true
                    when r.oid = 0 then not pg_catalog.has_schema_privilege(x.grantee, n.oid, 'usage')
                    else pg_catalog.pg_has_role(r.oid, x.grantee, 'usage') end
           and not (x.grantee = r.oid and c.relname = any ({mended}))
           and c.relname || ' ' || pg_catalog.lower(x.privilege_type) <> all ({given})
           and c.relname || ' ' || pg_catalog.lower(x.privilege_type) || l.suffix <> all ({given})
         group by n.nspname, c.relname) f
having pg_catalog.count(*) > 0"""

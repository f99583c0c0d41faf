"""Read all that decides what roles may do, in one query of the catalogs."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec

from sessionaudit.core.query import constant
from sessionaudit.postgres.access.model import (
    AccessFacts,
    ClosedNeed,
    PolicyCondition,
    ReadColumn,
    ReadFunction,
    ReadPolicy,
    ReadRelation,
    ReadRole,
)
from sessionaudit.postgres.access.weighing import PolicyShape, condition_shape

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from sessionaudit.core.kind import ObjectPath
    from sessionaudit.postgres.connection import Connection

_QUERY = constant(Path(__file__).with_name("access.sql").read_text(encoding="utf-8"))


def read_access(
    connection: Connection, roles: Collection[str], relations: Sequence[ObjectPath], functions: Sequence[ObjectPath]
) -> AccessFacts:
    """Read what decides which access roles have to relations and functions, in the open transaction.

    What does not exist is not in the result. Raises psycopg.Error.
    """
    given = {
        "roles": sorted(roles),
        "schemas": [path[0] for path in relations],
        "names": [path[1] for path in relations],
        "function_schemas": [path[0] for path in functions],
        "function_names": [path[1] for path in functions],
    }
    rows: dict[str, list[list[Any]]] = {"role": [], "relation": [], "function": []}
    for what, said in connection.execute(_QUERY, given):
        rows[what].append(msgspec.json.decode(said))
    found_roles = [_role(row) for row in rows["role"]]
    found = [_relation(row) for row in rows["relation"]]
    routines = [_function(row) for row in rows["function"]]
    return AccessFacts(
        roles={one.name: one for one in found_roles},
        relations={one.oid: one for one in found},
        functions={one.oid: one for one in routines},
        by_path={one.path: one for one in found},
        functions_by_path={one.path: one for one in routines},
        by_oid={one.oid: one for one in found_roles},
    )


def _oids(said: Sequence[Any] | None) -> tuple[int, ...]:
    return tuple(int(one) for one in said or ())


def _role(row: list[Any]) -> ReadRole:
    oid, name, superuser, bypasses, place, acts_for = row
    return ReadRole(
        oid=int(oid),
        name=name,
        superuser=superuser,
        bypasses=bypasses,
        place=place,
        acts_for=frozenset(_oids(acts_for)),
    )


def _columns(said: Sequence[Any] | None) -> tuple[ReadColumn, ...]:
    return tuple(ReadColumn(int(oid), name) for oid, name in said or ())


def _policy(said: list[Any], path: ObjectPath) -> ReadPolicy:
    name, command, permissive, roles, (using, check) = said
    conditions = _condition(using), _condition(check)
    constant_ = [condition_shape(one.text if one else None) for one in conditions]
    return ReadPolicy(
        ref=(*path, name),
        roles=frozenset(_oids(roles)),
        using=conditions[0],
        check=conditions[1],
        shape=PolicyShape(command, permissive, *constant_),
    )


def _condition(said: list[Any] | None) -> PolicyCondition | None:
    if said is None:
        return None
    text, reads, calls = said
    return PolicyCondition(text=text, reads=_columns(reads), calls=_oids(calls))


def _relation(row: list[Any]) -> ReadRelation:
    oid, schema, name, kind, owner, secured, forced, invoker, partition, first, rights, columns, *more = row
    policies, events, base, shows, reads, calls, width, check_option, instead, closed = more
    shown = {of_view: column for of_view, oid, column in shows or () if oid == base}
    own = tuple(_policy(policy, (schema, name)) for policy in policies or ())
    some: dict[tuple[int, str], set[str]] = {}
    for place, privilege, column in columns or ():
        some.setdefault((place, privilege), set()).add(column)
    lacking: dict[int, list[ClosedNeed]] = {}
    for place, *need in closed or ():
        lacking.setdefault(place, []).append(ClosedNeed(*need))
    return ReadRelation(
        oid=int(oid),
        path=(schema, name),
        kind=kind,
        owner=int(owner),
        secured=secured,
        forced=forced,
        invoker=invoker,
        is_partition=partition,
        first_column=first or "",
        rights=tuple(rights or ()),
        columns={key: frozenset(names) for key, names in some.items()},
        policies=own,
        has_subqueries=any(one.is_subquery for policy in own for one in (policy.using, policy.check) if one),
        events=events or 0,
        base=int(base) if base else None,
        shows=shown,
        is_plain=len(shown) == width,
        check_option=check_option or "",
        reads=tuple(ReadColumn(int(oid), name, certain) for oid, name, certain in reads or ()),
        calls=_oids(calls),
        instead=frozenset(command for what, command in instead or () if what == "trigger"),
        ruled=frozenset(command for what, command in instead or () if what == "rule"),
        closed={place: tuple(sorted(needs)) for place, needs in lacking.items()},
    )


def _function(row: list[Any]) -> ReadFunction:
    oid, schema, name, arguments, definer, fixed, fires, rights = row
    return ReadFunction(
        oid=int(oid),
        path=(schema, name, arguments),
        definer=definer,
        fixed=fixed,
        fires=fires,
        rights=tuple(rights or ()),
    )

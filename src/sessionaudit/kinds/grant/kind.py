"""Grants: their rules, and what the kind declares."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from msgspec.structs import replace

from sessionaudit.core.finding import Rule, Severity
from sessionaudit.core.kind import Attribute, Kind, beside
from sessionaudit.core.node import ABSENT
from sessionaudit.kinds.grant import column_privileges, effective
from sessionaudit.kinds.grant.model import (
    PRIVILEGES,
    Grant,
    condensed,
    entries,
    excess_columns,
    lacking_columns,
    let_in,
    load,
    read,
    show,
    show_excess,
    show_reach,
    show_whole,
    spell,
    words,
)
from sessionaudit.kinds.grant.model import lacking as lacking_privileges

if TYPE_CHECKING:
    from sessionaudit.core.ref import ObjectRef
    from sessionaudit.kinds.grant.column_privileges import Cell


MISSING = Rule(
    "SA521",
    "missing-grant",
    Severity.ERROR,
    "A role lacks a privilege on a table that the contract gives it.",
    "Its statements fail with “permission denied” (42501), whatever the policies.",
)
UNEXPECTED = Rule(
    "SA522",
    "unexpected-grant",
    Severity.NOTE,
    "A role that the contract does not name has privileges on a table whose grants it lists.",
    "Why the role needs them is not documented.",
    "The role {name} has privileges on {parent}, and the contract does not name it there.",
    fix=(
        "If the role needs the privileges, state them under `grants` in the contract. If not, state `ROLE: absent` "
        "there, and `sessionaudit repair` revokes them."
    ),
)
FORBIDDEN = Rule(
    "SA523",
    "forbidden-grant",
    Severity.ERROR,
    "A role has privileges on a table, and the contract declares its grants absent.",
    "The role has access that it should not have; only row security can restrict it, where that is enabled.",
    "The role {name} has {actual} on {parent}, and the contract declares its grants absent.",
)
EXCESS = Rule(
    "SA524",
    "excess-grant",
    Severity.WARNING,
    "A role has more privileges on a table than the contract gives it.",
    "The role has access that it should not have. TRUNCATE, for example, empties the table whatever its policies.",
)
PUBLIC = Rule(
    "SA525",
    "public-grant",
    Severity.WARNING,
    "PUBLIC has privileges on a table whose grants the contract lists without it.",
    "Every role has them, whatever it was granted itself, also those that should have no access.",
    "Every role has {actual} on {parent} through PUBLIC, which the contract does not name there.",
    fix=(
        "If every role may have them, state `public: [select]` under `grants` in the contract. If not, state "
        "`public: absent` there, and `sessionaudit repair` revokes them."
    ),
)
PASSED_ON = Rule(
    "SA527",
    "grant-option",
    Severity.WARNING,
    "A role may grant its privileges to others (WITH GRANT OPTION).",
    "Other roles may get, from this one, privileges that the contract does not give them.",
)


_SHAPES: list[dict[str, Any]] = [
    {"const": "all"},
    {
        "type": "array",
        "items": {
            "anyOf": [
                {"enum": list(PRIVILEGES)},
                {"type": "string", "pattern": f"^({'|'.join(column_privileges.PRIVILEGES)}) *\\("},
            ]
        },
    },
]


def _phrase(privileges: frozenset[str], columns: frozenset[Cell] = frozenset()) -> str:
    return ", ".join(column_privileges.phrase(privileges, columns))


def same_missing(expected: Grant, actual: Grant) -> bool:
    """Whether the role may do all that it must."""
    return not lacking_privileges(expected, actual) and not lacking_columns(expected, actual)


def same_excess(expected: Grant, actual: Grant) -> bool:
    """Whether the role was given nothing beyond what it must have."""
    return expected.every or (actual.granted <= expected.privileges and not excess_columns(expected, actual))


def lacking(ref: ObjectRef, expected: Grant) -> str:
    """Say what a role without any privilege may not do."""
    return missing_message(ref, expected, Grant(privileges=frozenset()))


def missing_message(ref: ObjectRef, expected: Grant, actual: Grant) -> str:
    """Say what the role may not do."""
    lacking = _phrase(lacking_privileges(expected, actual), lacking_columns(expected, actual))
    if expected.shut:
        return f"The role {ref.name} was not granted {lacking} on {ref.parent}, which the contract gives it."
    schema = ""
    if actual.granted | actual.own_columns and not actual.privileges | actual.columns:
        schema = ", although it has grants there: it lacks USAGE on the schema"
    elif not actual.privileges | actual.columns:
        schema = ", or it lacks USAGE on the schema, or does not exist"
    return (
        f"The role {ref.name} may not {lacking} on {ref.parent}{schema}: its statements fail (42501), whatever the "
        "policies."
    )


def excess_message(ref: ObjectRef, expected: Grant, actual: Grant) -> str:
    """Say what the role may do beyond the contract."""
    more = _phrase(actual.granted - expected.privileges, excess_columns(expected, actual))
    return f"The role {ref.name} may also {more} on {ref.parent}, which the contract does not give it."


def forbidden_message(ref: ObjectRef, actual: Grant) -> str:
    """Say which privileges the role has that should have none, and through what if they are not its own."""
    plain = FORBIDDEN.message.format(name=ref.name, parent=ref.parent, actual=show_whole(actual))
    if ref.name == "public" or actual.almighty or actual.owner:
        return plain
    words = actual.privileges - actual.granted - {word for word, _, _ in actual.reach}
    others = actual.columns - actual.own_columns - {(word, column) for word, column, _ in actual.reach}
    public = ", ".join(column_privileges.phrase(words, others))
    if not public:
        return plain
    return f"{plain} It has {public} through PUBLIC, like every role: revoke that from PUBLIC."


def option_message(ref: ObjectRef, _expected: Grant, actual: Grant) -> str:
    """Say what the role may pass on."""
    return (
        f"The role {ref.name} may grant others {_phrase(actual.grantable)} on {ref.parent} (WITH GRANT OPTION), "
        "which the contract does not give it."
    )


def usage_message(ref: ObjectRef, _expected: Grant, actual: Grant) -> str:
    """Say what the role can use after all."""
    return (
        f"The role {ref.name} may {_phrase(actual.privileges, actual.columns)} on {ref.parent}: it has USAGE on the "
        "schema, which the contract says it lacks."
    )


def _without_what_is_lacking(expected: Grant, actual: Grant) -> Grant:
    words, columns = lacking_privileges(expected, actual), lacking_columns(expected, actual)
    return replace(expected, privileges=expected.privileges - words, columns=expected.columns - columns, every=False)


def _with_what_is_more(expected: Grant, actual: Grant) -> Grant:
    return replace(
        expected,
        privileges=expected.privileges | actual.granted,
        columns=expected.columns | excess_columns(expected, actual),
    )


KIND = Kind(
    name="grant",
    borrowed=True,
    section="grants",
    within=("table", "view", "materialized_view"),
    identity=("schema", "table", "role"),
    model=Grant,
    query=beside(__file__),
    enumerate=beside(__file__, "all.sql"),
    entries=entries,
    read=read,
    load=load,
    show=show_whole,
    spell=spell,
    condensed=condensed,
    judged_beside=True,
    roles=lambda path, _grant: path[2:],
    missing=MISSING,
    lacking=lacking,
    forbidden=FORBIDDEN,
    forbid=forbidden_message,
    unexpected=UNEXPECTED,
    harmful=(PUBLIC, lambda grant: grant.everybody),
    unstated=lambda grant: not (grant.privileges | grant.columns or grant.shut),  # but in another role
    ignored=frozenset({"own_columns", "everybody", "excused", "may_lack"}),
    attributes=(
        Attribute(
            facet="privileges",
            rule=MISSING,
            fields=("privileges", "columns", "every"),
            show=show,
            same=same_missing,
            message=missing_message,
            adopt=_without_what_is_lacking,
        ),
        Attribute(
            facet="excess",
            keys=("privileges",),
            rule=EXCESS,
            fields=("granted", "columns"),
            show=show_excess,
            same=same_excess,
            message=excess_message,
            adopt=_with_what_is_more,
        ),
        Attribute(
            facet="usage",
            rule=EXCESS,
            fields=("shut",),
            show=lambda grant: "no USAGE on the schema" if grant.shut else "USAGE on the schema",
            same=lambda expected, actual: not let_in(expected, actual),
            message=usage_message,
        ),
        Attribute(
            facet="reach",
            keys=("privileges",),
            rule=effective.REACHED,
            fields=("reach", "almighty", "owner"),
            show=show_reach,
            same=effective.same,
            message=effective.message,
            unstated=lambda grant: bool(grant.reach) or grant.almighty or grant.owner,
            excused=effective.stated_owner,
        ),
        Attribute(
            facet="option",
            keys=("privileges",),
            rule=PASSED_ON,
            fields=("grantable",),
            show=lambda grant: f"{words(grant.grantable)} with grant option" if grant.grantable else "no grant option",
            message=option_message,
            unstated=lambda grant: bool(grant.grantable),
        ),
        Attribute(
            facet="row_security",
            keys=("privileges",),
            rule=effective.UNBOUND,
            fields=("unbound",),
            show=lambda grant: grant.unbound or "bound by row security",
            message=effective.unbound_message,
            unstated=lambda grant: bool(grant.unbound),
        ),
        Attribute(
            facet="closed",
            rule=effective.CLOSED,
            fields=("closed",),
            show=lambda grant: "; ".join(sorted({what for _, what, _ in grant.closed})) or "nothing missing",
            same=lambda expected, actual: not effective.shut_out(expected, actual),
            message=effective.closed_message,
            adopt=effective.with_what_is_closed,
        ),
        Attribute(
            facet="bypass",
            keys=("privileges",),
            rule=effective.BOUND,
            fields=("bound",),
            show=lambda grant: "bound by row security" if grant.bound else "bypasses row security",
            message=effective.bound_message,
            unstated=lambda grant: grant.bound,
        ),
    ),
    shape={
        "oneOf": [
            *_SHAPES,
            {
                "type": "object",
                "additionalProperties": False,
                "required": ["privileges"],
                "properties": {
                    "privileges": {"oneOf": _SHAPES},
                    "usage": {"const": ABSENT},
                    "closed": {"type": "array", "items": {"type": "string", "pattern": "^ *(function|sequence) "}},
                },
                "description": "Privileges of a role that lacks USAGE on the schema, or to which functions and "
                "sequences are closed that its statements need.",
            },
        ]
    },
)

"""Privileges on tables."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from sessionaudit.core.entries import by_name, role
from sessionaudit.core.finding import Rule, Severity
from sessionaudit.core.kind import Attribute, Entry, Kind, Scope, beside
from sessionaudit.core.node import Node, NodeError, Scalar, flow, nearest, text, texts
from sessionaudit.kinds.grant import cells, effective

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sessionaudit.core.ref import ObjectRef
    from sessionaudit.kinds.grant.cells import Cell
    from sessionaudit.kinds.grant.effective import Way

PRIVILEGES = cells.OF_TABLES
EVERY = frozenset(PRIVILEGES) - {"maintain"}  # `maintain` came with PostgreSQL 17


@dataclass(frozen=True, slots=True, kw_only=True)
class Grant:
    """What one role may do with one table.

    `privileges` are those that it can use: directly, as a member of another role or through PUBLIC,
    and only with USAGE on the schema. `granted` are those that it was given itself; `columns` are those
    that it has on some columns only, each with the column, and `own_columns` those that it was given
    itself on columns.
    `everybody` tells that the role is PUBLIC.

    `reach` holds what it comes by in another role, which it inherits from or can take on, each with the column,
    if it is on one only, and that role: privileges, and that the role `owns` the table or is a `superuser`.
    `almighty` tells of a superuser, `owner` of the table's owner. `grantable` are
    privileges that it may pass on. `unbound` says why row security does not bind it, `bound` that
    it does, though the platform's code relies on it not to,
    and `closed` holds what is closed to it, each with the privilege that is of no use without it.
    As which roles the platform lets it work, `excused` tells.
    """

    privileges: frozenset[str]
    granted: frozenset[str] = field(default=frozenset(), compare=False)
    columns: frozenset[Cell] = frozenset()
    own_columns: frozenset[Cell] = field(default=frozenset(), compare=False)
    everybody: bool = field(default=False, compare=False)
    every: bool = field(default=False, compare=False)
    reach: frozenset[Way] = frozenset()
    almighty: bool = False
    owner: bool = False
    grantable: frozenset[str] = frozenset()
    unbound: str = ""
    bound: bool = False
    closed: frozenset[tuple[str, str]] = frozenset()
    excused: frozenset[str] = field(default=frozenset(), compare=False)


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
)
FORBIDDEN = Rule(
    "SA523",
    "forbidden-grant",
    Severity.ERROR,
    "A role has privileges on a table, and the contract declares its grants absent.",
    "It has access that it should not have; only row security, if enabled, restricts it.",
    "The role {name} has {actual} on {parent}, and the contract declares its grants absent.",
)
EXCESS = Rule(
    "SA524",
    "excess-grant",
    Severity.WARNING,
    "A role has more privileges on a table than the contract gives it.",
    "It has access that it should not have. TRUNCATE, for example, bypasses row security.",
)

PUBLIC = Rule(
    "SA525",
    "public-grant",
    Severity.WARNING,
    "PUBLIC has privileges on a table whose grants the contract lists without it.",
    "Every role has them, regardless of its own grants, and so may have access that it should not have.",
    "Every role has {actual} on {parent} through PUBLIC, which the contract does not name there.",
)
PASSED_ON = Rule(
    "SA527",
    "grant-option",
    Severity.WARNING,
    "A role may grant its privileges to others (WITH GRANT OPTION).",
    "Through it, other roles may get privileges that the contract gives only to this one.",
)


def entries(node: Node, scope: Scope) -> Iterator[Entry]:
    """`role: privileges`; PUBLIC is no role, and is known in every case."""
    for entry in by_name(node, scope):
        yield entry._replace(path=(*entry.path[:-1], role(entry.key)))


def read(node: Node, _schema: str) -> Grant | None:
    """Read an entry of `grants:`, a list of privileges or `all`; an empty list says the same as `absent`."""
    if isinstance(node, Scalar) and text(node, "a list of privileges, or all").lower() == "all":
        return Grant(privileges=EVERY, every=True)
    found = texts(node, "a privilege")
    cut = next((word for word in found if word.count("(") > word.count(")")), None)
    if cut is not None and len(found) > 1:
        raise NodeError(
            f"“{cut}” is incomplete", node, "In a list a comma ends an item: [insert, 'select (id, name)']."
        )
    if not found:
        return None
    privileges = frozenset(word.lower() for word in found if "(" not in word)
    for word in privileges:
        if word not in PRIVILEGES:
            raise NodeError(f"unknown privilege “{word}”", node, hint=nearest(word, PRIVILEGES))
    columns = frozenset(cell for word in found if "(" in word for cell in cells.read(word, node))
    return Grant(privileges=privileges, columns=cells.beyond(columns, privileges))


def load(row: tuple[Any, ...], _schema: str) -> Grant:
    """Make a Grant of a row of the catalog query."""
    privileges, granted, columns, own_columns, everybody, reach, almighty, owner, grantable, unbound, *rest = row
    bound, closed, excused = rest
    return Grant(
        privileges=frozenset(privileges),
        granted=frozenset(granted),
        columns=cells.load(columns),
        own_columns=cells.load(own_columns),
        everybody=everybody,
        reach=frozenset((word, column, via) for word, column, via in reach),
        almighty=almighty,
        owner=owner,
        grantable=frozenset(grantable),
        unbound=unbound,
        bound=bound,
        closed=_pairs(closed),
        excused=frozenset(excused),
    )


def _pairs(texts: list[str]) -> frozenset[tuple[str, str]]:
    """A privilege and what stands behind it, of each text."""
    return frozenset((first, second) for first, _, second in (text.partition(" ") for text in texts))


def show(grant: Grant) -> str:
    """The privileges as the contract writes them."""
    return "all" if grant.every else _words(grant.privileges, grant.columns)


def _words(privileges: frozenset[str], columns: frozenset[Cell] = frozenset()) -> str:
    return flow(cells.phrase(privileges, columns))


def _phrase(privileges: frozenset[str], columns: frozenset[Cell] = frozenset()) -> str:
    return ", ".join(cells.phrase(privileges, columns))


def same_missing(expected: Grant, actual: Grant) -> bool:
    """Whether the role may do all that it must."""
    return expected.privileges <= actual.privileges and not lacking_columns(expected, actual)


def lacking_columns(expected: Grant, actual: Grant) -> frozenset[Cell]:
    """What the role may not do on single columns and must."""
    return cells.beyond(expected.columns, actual.privileges, actual.columns)


def excess_columns(expected: Grant, actual: Grant) -> frozenset[Cell]:
    """What the role was given itself on single columns beyond what it must have."""
    return cells.beyond(actual.own_columns, expected.privileges, expected.columns)


def same_excess(expected: Grant, actual: Grant) -> bool:
    """Whether the role was given nothing beyond what it must have."""
    return expected.every or (actual.granted <= expected.privileges and not excess_columns(expected, actual))


def lacking(ref: ObjectRef, expected: Grant) -> str:
    """Say what a role without any privilege may not do."""
    return missing_message(ref, expected, Grant(privileges=frozenset()))


def missing_message(ref: ObjectRef, expected: Grant, actual: Grant) -> str:
    """Say what the role may not do."""
    lacking = _phrase(expected.privileges - actual.privileges, lacking_columns(expected, actual))
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


def show_whole(grant: Grant) -> str:
    """The privileges of a role that has some itself, else what it was given or comes by in another way."""
    if grant.privileges | grant.columns:
        return show(grant)
    if grant.granted | grant.own_columns:  # and lacks USAGE on the schema
        return _words(grant.granted, grant.own_columns)
    return effective.show(grant)


def show_excess(grant: Grant) -> str:
    """The privileges that a role was given itself, else those that it has to have."""
    if grant.granted | grant.own_columns:
        return _words(grant.granted, cells.beyond(grant.own_columns, grant.granted))
    return _words(grant.privileges, grant.columns)


def forbidden_message(ref: ObjectRef, actual: Grant) -> str:
    """Say which privileges the role has that should have none, and through what if they are not its own."""
    plain = FORBIDDEN.message.format(name=ref.name, parent=ref.parent, actual=show_whole(actual))
    if ref.name == "public" or actual.almighty or actual.owner:
        return plain
    words = actual.privileges - actual.granted - {word for word, _, _ in actual.reach}
    others = actual.columns - actual.own_columns - {(word, column) for word, column, _ in actual.reach}
    public = ", ".join(cells.phrase(words, others))
    if not public:
        return plain
    return f"{plain} It has {public} through PUBLIC, like every role: revoke that from PUBLIC."


def option_message(ref: ObjectRef, _expected: Grant, actual: Grant) -> str:
    """Say what the role may pass on."""
    return (
        f"The role {ref.name} may grant others {_phrase(actual.grantable)} on {ref.parent} (WITH GRANT OPTION), "
        "which the contract does not give it."
    )


KIND = Kind(
    name="grant",
    borrowed=True,
    section="grants",
    within="table",
    identity=("schema", "table", "role"),
    model=Grant,
    query=beside(__file__),
    entries=entries,
    read=read,
    load=load,
    show=show_whole,
    missing=MISSING,
    lacking=lacking,
    forbidden=FORBIDDEN,
    forbid=forbidden_message,
    unexpected=UNEXPECTED,
    harmful=(PUBLIC, lambda grant: grant.everybody),
    unstated=lambda grant: not grant.privileges | grant.columns,  # but in another role, or without USAGE
    ignored=frozenset({"own_columns", "everybody", "excused"}),
    attributes=(
        Attribute(
            facet="privileges",
            rule=MISSING,
            fields=("privileges", "columns", "every"),
            show=show,
            same=same_missing,
            message=missing_message,
        ),
        Attribute(
            facet="excess",
            rule=EXCESS,
            fields=("granted", "columns"),
            show=show_excess,
            same=same_excess,
            message=excess_message,
        ),
        Attribute(
            facet="reach",
            rule=effective.REACHED,
            fields=("reach", "almighty", "owner"),
            show=effective.show,
            same=effective.same,
            message=effective.message,
            unstated=lambda grant: bool(grant.reach) or grant.almighty or grant.owner,
            excused=effective.stated_owner,
        ),
        Attribute(
            facet="option",
            rule=PASSED_ON,
            fields=("grantable",),
            show=lambda grant: f"{_words(grant.grantable)} with grant option" if grant.grantable else "no grant option",
            message=option_message,
            unstated=lambda grant: bool(grant.grantable),
        ),
        Attribute(
            facet="row_security",
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
            show=lambda grant: "; ".join(sorted({what for _, what in grant.closed})) or "nothing missing",
            same=lambda expected, actual: not effective.shut_out(expected, actual),
            message=effective.closed_message,
            unstated=lambda grant: bool(grant.closed),
        ),
        Attribute(
            facet="bypass",
            rule=effective.BOUND,
            fields=("bound",),
            show=lambda grant: "bound by row security" if grant.bound else "bypasses row security",
            message=effective.bound_message,
            unstated=lambda grant: grant.bound,
        ),
    ),
    shape={
        "oneOf": [
            {"const": "all"},
            {
                "type": "array",
                "items": {
                    "anyOf": [
                        {"enum": list(PRIVILEGES)},
                        {"type": "string", "pattern": f"^({'|'.join(cells.PRIVILEGES)}) *\\("},
                    ]
                },
            },
        ]
    },
)

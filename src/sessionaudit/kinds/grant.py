"""Privileges on tables."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from sessionaudit.core.entries import by_name, role
from sessionaudit.core.finding import Rule, Severity
from sessionaudit.core.kind import Attribute, Entry, Kind, Scope, beside
from sessionaudit.core.node import Node, NodeError, Scalar, flow, nearest, text, texts
from sessionaudit.core.sql import quoted
from sessionaudit.kinds import cells

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sessionaudit.core.ref import ObjectRef
    from sessionaudit.kinds.cells import Cell

PRIVILEGES = ("select", "insert", "update", "delete", "truncate", "references", "trigger", "maintain")
EVERY = frozenset(PRIVILEGES) - {"maintain"}  # `maintain` came with PostgreSQL 17


@dataclass(frozen=True, slots=True, kw_only=True)
class Grant:
    """What one role may do with one table.

    `privileges` are those that it can use: directly, as a member of another role or through PUBLIC,
    and only with USAGE on the schema. `granted` are those that it was given itself; `columns` are those
    that it has on some columns only, each with the column, and `own_columns` those that it was given
    itself on columns.
    `everybody` tells that the role is PUBLIC.

    `reach` holds the privileges that it comes by in another role, which it inherits from or can take on,
    each with that role; `almighty` tells of a superuser, `owner` of the table's owner. `grantable` are
    privileges that it may pass on. `unbound` says why row security does not bind it, though policies are
    for it, and `closed` holds what is closed to it, each with the privilege that is of no use without it.
    """

    privileges: frozenset[str]
    granted: frozenset[str] = field(default=frozenset(), compare=False)
    columns: frozenset[Cell] = frozenset()
    own_columns: frozenset[Cell] = field(default=frozenset(), compare=False)
    everybody: bool = field(default=False, compare=False)
    every: bool = field(default=False, compare=False)
    reach: frozenset[tuple[str, str]] = frozenset()
    almighty: bool = False
    owner: bool = False
    grantable: frozenset[str] = frozenset()
    unbound: str = ""
    closed: frozenset[tuple[str, str]] = frozenset()


MISSING = Rule(
    "SA521",
    "missing-grant",
    Severity.ERROR,
    "A role lacks a privilege on a table that the contract gives it.",
    "Its statements fail with “permission denied” (42501), whatever the policies say.",
)
UNEXPECTED = Rule(
    "SA522",
    "unexpected-grant",
    Severity.NOTE,
    "A role that the contract does not name has privileges on a table whose grants it lists.",
    "Nobody wrote down what the role needs them for.",
    "The role {name} has privileges on {parent}, and the contract does not name it there.",
)
FORBIDDEN = Rule(
    "SA523",
    "forbidden-grant",
    Severity.ERROR,
    "A role has privileges on a table from which the contract keeps it away.",
    "It can do what it must not; only row security, if anything, stands in its way.",
    "The role {name} has {actual} on {parent}, and the contract declares its grants absent.",
)
EXCESS = Rule(
    "SA524",
    "excess-grant",
    Severity.WARNING,
    "A role has more privileges on a table than the contract gives it.",
    "It may do what it must not. TRUNCATE, for one, passes by row security.",
)

PUBLIC = Rule(
    "SA525",
    "public-grant",
    Severity.WARNING,
    "PUBLIC has privileges on a table whose grants the contract lists without it.",
    "Every role has them, whatever else it was given or not given: a role may do what it must not.",
    "Every role has {actual} on {parent} through PUBLIC, which the contract does not name there.",
)
REACHED = Rule(
    "SA526",
    "reached-grant",
    Severity.ERROR,
    "A role can do more with a table than the contract gives it: in another role, as its owner, or as a superuser.",
    "It may do what it must not, whatever it was granted itself: a member of another role inherits its privileges or "
    "takes them on with SET ROLE, an owner grants itself what it lacks, and a superuser is refused nothing.",
)
PASSED_ON = Rule(
    "SA527",
    "grant-option",
    Severity.WARNING,
    "A role may pass on to others what the contract gives it (WITH GRANT OPTION).",
    "Whoever it grants a privilege to may do what the contract gives to nobody but it.",
)
UNBOUND = Rule(
    "SA528",
    "unbound-role",
    Severity.ERROR,
    "A role that policies of a table are for is not bound by row security.",
    "It reads and writes every row: a superuser, and a role with BYPASSRLS, pass by all policies.",
)
CLOSED = Rule(
    "SA529",
    "closed-grant",
    Severity.ERROR,
    "A role may use a table, but not a function or a sequence that its statements need.",
    "They fail with “permission denied” (42501), although the privilege on the table is there.",
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
    privileges, granted, columns, own_columns, everybody, reach, almighty, owner, grantable, unbound, closed = row
    return Grant(
        privileges=frozenset(privileges),
        granted=frozenset(granted),
        columns=cells.load(columns),
        own_columns=cells.load(own_columns),
        everybody=everybody,
        reach=_pairs(reach),
        almighty=almighty,
        owner=owner,
        grantable=frozenset(grantable),
        unbound=unbound,
        closed=_pairs(closed),
    )


def _pairs(texts: list[str]) -> frozenset[tuple[str, str]]:
    """A privilege and what stands behind it, of each text."""
    return frozenset((first, second) for first, _, second in (text.partition(" ") for text in texts))


def show(grant: Grant) -> str:
    """The privileges as the contract writes them."""
    return "all" if grant.every else _words(grant.privileges, grant.columns)


def _words(privileges: frozenset[str], columns: frozenset[Cell] = frozenset()) -> str:
    return flow([word for word in PRIVILEGES if word in privileges] + list(cells.spelled(columns)))


def _phrase(privileges: frozenset[str], columns: frozenset[Cell] = frozenset()) -> str:
    return ", ".join([word for word in PRIVILEGES if word in privileges] + list(cells.spelled(columns)))


def same_missing(expected: Grant, actual: Grant) -> bool:
    """Whether the role may do all that it must."""
    return expected.privileges <= actual.privileges and not lacking_columns(expected, actual)


def lacking_columns(expected: Grant, actual: Grant) -> frozenset[Cell]:
    """What the role may not do on single columns and must."""
    return cells.beyond(expected.columns, actual.privileges, actual.columns)


def excess_columns(expected: Grant, actual: Grant) -> frozenset[Cell]:
    """What the role may do, or was given, on single columns beyond what it must have."""
    return cells.beyond(actual.columns | actual.own_columns, expected.privileges, expected.columns)


def same_excess(expected: Grant, actual: Grant) -> bool:
    """Whether the role was given nothing beyond what it must have."""
    return expected.every or (actual.granted <= expected.privileges and not excess_columns(expected, actual))


def lacking(ref: ObjectRef, expected: Grant) -> str:
    """Say what a role that has nothing may not do."""
    return missing_message(ref, expected, Grant(privileges=frozenset()))


def missing_message(ref: ObjectRef, expected: Grant, actual: Grant) -> str:
    """Say what the role may not do."""
    lacking = _phrase(expected.privileges - actual.privileges, lacking_columns(expected, actual))
    schema = "" if actual.privileges | actual.columns else ", or it lacks USAGE on the schema, or does not exist"
    return (
        f"The role {ref.name} may not {lacking} on {ref.parent}{schema}: its statements fail (42501), whatever "
        "policies say."
    )


def excess_message(ref: ObjectRef, expected: Grant, actual: Grant) -> str:
    """Say what the role may do beyond the contract."""
    more = _phrase(actual.granted - expected.privileges, excess_columns(expected, actual))
    return f"The role {ref.name} may also {more} on {ref.parent}, which the contract does not give it."


# What a role can do in another way than by what it was granted


def show_reach(grant: Grant) -> str:
    """What the role can do, and as what."""
    if grant.almighty:
        return "all, as a superuser"
    if grant.owner:
        return "all, as the owner"
    if not grant.reach:
        return show(grant)
    vias = sorted({via for _, via in grant.reach})
    return "; ".join(
        f"{_words(frozenset(word for word, other in grant.reach if other == via))} as {quoted(via)}" for via in vias
    )


def show_whole(grant: Grant) -> str:
    """The privileges of a role that has some itself, else what it comes by in another role."""
    return show(grant) if grant.privileges | grant.columns else show_reach(grant)


def same_reach(expected: Grant, actual: Grant) -> bool:
    """Whether the role comes by nothing else than what the contract gives it, whatever the way."""
    if expected.every:
        return True
    return not actual.almighty and not actual.owner and not _beyond(expected, actual)


def _beyond(expected: Grant, actual: Grant) -> frozenset[tuple[str, str]]:
    return frozenset((word, via) for word, via in actual.reach if word not in expected.privileges)


def stated_owner(table: Any, role: str, _expected: Grant, actual: Grant) -> bool:
    """Whether the contract says itself that the role owns the table."""
    return bool(actual.owner and not actual.almighty and table.owner == role)


def reach_message(ref: ObjectRef, expected: Grant, actual: Grant) -> str:
    """Say as what the role can do more, and what ends it."""
    if actual.almighty:
        return f"The role {ref.name} is a superuser: it may do everything with {ref.parent}, and with all else."
    if actual.owner:
        return (
            f"The role {ref.name} owns {ref.parent}: it may do everything with it, grant others what it likes, and "
            "drop it. If that is meant, the contract says so of the table: owner."
        )
    beyond = _beyond(expected, actual)
    more = _phrase(frozenset(word for word, _ in beyond))
    vias = " or ".join(sorted({quoted(via) for _, via in beyond}))
    return (
        f"The role {ref.name} may also {more} on {ref.parent} as {vias}, which it is a member of or can take on (SET "
        "ROLE), and the contract does not give it that."
    )


def option_message(ref: ObjectRef, _expected: Grant, actual: Grant) -> str:
    """Say what the role may pass on."""
    return (
        f"The role {ref.name} may grant others {_phrase(actual.grantable)} on {ref.parent} (WITH GRANT OPTION), "
        "which the contract does not give it."
    )


def unbound_message(ref: ObjectRef, _expected: Grant, actual: Grant) -> str:
    """Say which attribute it is."""
    why = "is a superuser" if actual.unbound == "superuser" else "has BYPASSRLS"
    return f"The role {ref.name} {why}: the policies of {ref.parent} that are for it do not hold for it."


def shut_out(expected: Grant, actual: Grant) -> list[str]:
    """What the role lacks without which privileges that the contract gives it are of no use."""
    return sorted({what for word, what in actual.closed if word in _given(expected)})


def _given(grant: Grant) -> frozenset[str]:
    """The privileges of a role on the table or on some of its columns."""
    return grant.privileges | {word for word, _ in grant.columns}


def closed_message(ref: ObjectRef, expected: Grant, actual: Grant) -> str:
    """Say what fails, and for want of what."""
    words = _phrase(frozenset(word for word, _ in actual.closed if word in _given(expected)))
    return (
        f"The role {ref.name} lacks {'; '.join(shut_out(expected, actual))}: it may {words} on {ref.parent}, and where "
        "its statements need that, they fail (42501)."
    )


KIND = Kind(
    name="grant",
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
    unexpected=UNEXPECTED,
    harmful=(PUBLIC, lambda grant: grant.everybody),
    ignored=frozenset({"own_columns", "everybody"}),
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
            show=lambda grant: _words(grant.granted or grant.privileges, grant.columns),
            same=same_excess,
            message=excess_message,
        ),
        Attribute(
            facet="reach",
            rule=REACHED,
            fields=("reach", "almighty", "owner"),
            show=show_reach,
            same=same_reach,
            message=reach_message,
            excused=stated_owner,
        ),
        Attribute(
            facet="option",
            rule=PASSED_ON,
            fields=("grantable",),
            show=lambda grant: f"{_words(grant.grantable)} with grant option" if grant.grantable else "no grant option",
            message=option_message,
        ),
        Attribute(
            facet="row_security",
            rule=UNBOUND,
            fields=("unbound",),
            show=lambda grant: grant.unbound or "bound by row security",
            message=unbound_message,
        ),
        Attribute(
            facet="closed",
            rule=CLOSED,
            fields=("closed",),
            show=lambda grant: "; ".join(sorted({what for _, what in grant.closed})) or "nothing closed to it",
            same=lambda expected, actual: not shut_out(expected, actual),
            message=closed_message,
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

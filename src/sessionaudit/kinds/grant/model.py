"""Privileges on tables."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from msgspec.structs import replace

from sessionaudit.core.compared import Compared
from sessionaudit.core.entries import by_name, role
from sessionaudit.core.kind import Entry, Scope
from sessionaudit.core.node import (
    ABSENT,
    Mapping,
    Node,
    NodeError,
    Scalar,
    flow,
    known_keys,
    nearest,
    one_of,
    text,
    texts,
)
from sessionaudit.kinds.grant import column_privileges
from sessionaudit.sql.text import quoted

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from sessionaudit.kinds.grant.column_privileges import Cell


PRIVILEGES = column_privileges.OF_TABLES
EVERY = frozenset(PRIVILEGES) - {"maintain"}  # `maintain` came with PostgreSQL 17


KEYS = ("privileges", "usage", "closed")
_MAPPING = "As in: {privileges: [select], usage: absent}, for a role without USAGE on the schema."
_CLOSED = ("function", "sequence")
_OBJECTS = "As in: [sequence orders_id_seq, 'function allowed(integer)']."

Way = tuple[str, str, str]  # a privilege, the column or "", and the role in which it is had


class Grant(Compared, frozen=True, kw_only=True):
    """What one role may do with one table.

    `privileges` are those that it can use: directly, as a member of another role or through PUBLIC,
    and only with USAGE on the schema. `granted` are those that it was given itself; `columns` are those
    that it has on some columns only, each with the column, and `own_columns` those that it was given
    itself on columns.
    `everybody` tells that the role is PUBLIC. `shut` tells that it lacks USAGE on the schema, so that
    nothing that it was given itself is of use.

    `reach` holds what it comes by in another role, which it inherits from or can take on, each with the column,
    if it is on one only, and that role: privileges, and that the role `owns` the table or is a `superuser`.
    `almighty` tells of a superuser, `owner` of the table's owner. `grantable` are
    privileges that it may pass on. `unbound` says why row security does not bind it, `bound` that
    it does, though the platform's code relies on it not to,
    and `closed` holds what is closed to it, each with the privilege that is of no use without it, and the function or
    sequence alone; `may_lack` are those that may be closed to it.
    As which roles the platform lets it work, `excused` tells.
    """

    aside: ClassVar = frozenset({"every", "everybody", "excused", "granted", "may_lack", "own_columns"})

    privileges: frozenset[str]
    granted: frozenset[str] = frozenset()
    columns: frozenset[Cell] = frozenset()
    own_columns: frozenset[Cell] = frozenset()
    everybody: bool = False
    every: bool = False
    shut: bool = False
    reach: frozenset[Way] = frozenset()
    almighty: bool = False
    owner: bool = False
    grantable: frozenset[str] = frozenset()
    unbound: str = ""
    bound: bool = False
    closed: frozenset[tuple[str, str, str]] = frozenset()
    may_lack: frozenset[str] = frozenset()
    excused: frozenset[str] = frozenset()


def entries(node: Node, scope: Scope) -> Iterator[Entry]:
    """`role: privileges`; PUBLIC is no role, and is known in every case."""
    for entry in by_name(node, scope):
        yield entry._replace(path=(*entry.path[:-1], role(entry.key)))


def read(node: Node, schema: str) -> Grant | None:
    """Read an entry of `grants:`, a list of privileges or `all`; an empty list says the same as `absent`.

    A mapping says of them, with `usage: absent`, that the role lacks USAGE on the schema, or, with `closed`, which
    functions and sequences may be closed to it.
    """
    if isinstance(node, Mapping):
        known_keys(node, KEYS, "a grant")
        fields = {str(key): value for key, value in node.items()}
        if "privileges" not in fields:
            raise NodeError("a grant that is a mapping needs “privileges”", node, hint=_MAPPING)
        if "usage" in fields:
            one_of(fields["usage"], (ABSENT,))
        given = read(fields["privileges"], schema)
        return given and replace(given, shut="usage" in fields, may_lack=_may_lack(fields.get("closed"), schema))
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
    columns = frozenset(cell for word in found if "(" in word for cell in column_privileges.read(word, node))
    return Grant(privileges=privileges, columns=column_privileges.beyond(columns, privileges))


def _may_lack(node: Node | None, schema: str) -> frozenset[str]:
    if node is None:
        return frozenset()
    found = texts(node, "a function or sequence")
    for one in found:
        if one.partition(" ")[0].lower() not in _CLOSED:
            raise NodeError(f"expected a function or a sequence, found “{one}”", node, hint=_OBJECTS)
    return frozenset(_object(one, schema) for one in found)


def _object(said: str, schema: str) -> str:
    """A function or sequence, the same for all spellings of one."""
    sort, _, name = " ".join(said.split()).partition(" ")
    return f"{sort.lower()} {name.replace(', ', ',').removeprefix(f'{quoted(schema)}.')}"


def load(row: tuple[Any, ...], schema: str) -> Grant:
    """Make a Grant of a row of the catalog query."""
    privileges, granted, columns, own_columns, everybody, reach, almighty, owner, grantable, unbound, *rest = row
    bound, closed, excused = rest
    return Grant(
        privileges=frozenset(privileges),
        granted=frozenset(granted),
        columns=column_privileges.load(columns),
        own_columns=column_privileges.load(own_columns),
        everybody=everybody,
        shut=bool(granted or own_columns) and not (privileges or columns),
        reach=frozenset((word, column, via) for word, column, via in reach),
        almighty=almighty,
        owner=owner,
        grantable=frozenset(grantable),
        unbound=unbound,
        bound=bound,
        closed=frozenset(_closed(one, schema) for one in closed),
        excused=frozenset(excused),
    )


def _closed(told: str, schema: str) -> tuple[str, str, str]:
    """A privilege, what stands behind it, and of that the object: insert, USAGE on sequence s, which …, sequence s."""
    privilege, _, what = told.partition(" ")
    return privilege, what, _object(what.partition(" on ")[2].rpartition(", which ")[0], schema)


def show(grant: Grant) -> str:
    """The privileges as the contract writes them."""
    return "all" if grant.every else words(grant.privileges, grant.columns)


def words(privileges: frozenset[str], columns: frozenset[Cell] = frozenset()) -> str:
    """Privileges on the whole and on columns, as the contract lists them."""
    return flow(column_privileges.phrase(privileges, columns))


def lacking(expected: Grant, actual: Grant) -> frozenset[str]:
    """What the role may not do on the table and must; of one without USAGE, what it was not given."""
    return expected.privileges - (actual.granted if expected.shut else actual.privileges)


def lacking_columns(expected: Grant, actual: Grant) -> frozenset[Cell]:
    """The same of single columns."""
    if expected.shut:
        return column_privileges.beyond(expected.columns, actual.granted, actual.own_columns)
    return column_privileges.beyond(expected.columns, actual.privileges, actual.columns)


def let_in(expected: Grant, actual: Grant) -> bool:
    """Whether a role can use privileges that should be of no use to it."""
    return expected.shut and bool(actual.privileges | actual.columns)


def excess_columns(expected: Grant, actual: Grant) -> frozenset[Cell]:
    """What the role was given itself on single columns beyond what it must have."""
    return column_privileges.beyond(actual.own_columns, expected.privileges, expected.columns)


def show_whole(grant: Grant) -> str:
    """The privileges of a role that has some itself, else what it was given or comes by in another way."""
    if grant.privileges | grant.columns:
        return show(grant)
    if grant.granted | grant.own_columns:  # and lacks USAGE on the schema
        return words(grant.granted, grant.own_columns)
    return show_reach(grant)


def show_reach(grant: Grant) -> str:
    """What the role can do, and as what."""
    if grant.almighty:
        return "all, as a superuser"
    if grant.owner:
        return "all, as the owner"
    if not grant.reach:
        return show(grant)
    return "; ".join(
        f"{_ways(grant.reach, via)} as {quoted(via)}" for via in sorted({via for _, _, via in grant.reach})
    )


def _ways(ways: Iterable[Way], via: str) -> str:
    """What it can do as one other role, as the contract would write it."""
    said = {word for word, _, other in ways if other == via}
    if said & {"owns", "superuser"}:
        return "all"
    whole = frozenset(word for word, column, other in ways if other == via and not column)
    return words(whole, frozenset((word, column) for word, column, other in ways if other == via and column))


def show_excess(grant: Grant) -> str:
    """The privileges that a role was given itself, else those that it has to have."""
    if grant.granted | grant.own_columns:
        return words(grant.granted, column_privileges.beyond(grant.own_columns, grant.granted))
    return words(grant.privileges, grant.columns)


def spell(grant: Grant) -> str | list[str] | dict[str, str | list[str]]:
    """The privileges that the role was given itself, else those that it has to have."""
    return _within(grant, _listed(grant))


def _within(grant: Grant, said: str | list[str]) -> str | list[str] | dict[str, str | list[str]]:
    given = grant.privileges | {word for word, _ in grant.columns}
    closed = {one for word, _, one in grant.closed if word in given} | grant.may_lack
    if grant.shut:
        return {"privileges": said, "usage": ABSENT}
    return {"privileges": said, "closed": [one.replace(",", ", ") for one in sorted(closed)]} if closed else said


def _listed(grant: Grant) -> str | list[str]:
    if grant.every:
        return "all"
    own = bool(grant.granted or grant.own_columns)
    privileges, columns = (grant.granted, grant.own_columns) if own else (grant.privileges, grant.columns)
    return [*in_order(privileges), *column_privileges.spelled(column_privileges.beyond(columns, privileges))]


def condensed(grant: Grant) -> str | list[str] | dict[str, str | list[str]]:
    """The same, and `all` for every privilege; that some of them are of no use is to be found, and not accepted."""
    found = replace(grant, closed=frozenset())
    return _within(found, "all" if grant.granted >= EVERY else _listed(grant))


def in_order(privileges: Iterable[str]) -> tuple[str, ...]:
    """Privileges in the order in which PostgreSQL's manual has them, each once."""
    found = frozenset(privileges)
    return tuple(word for word in PRIVILEGES if word in found)

"""Membership of tables in publications."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from sessionaudit.core.compared import Compared
from sessionaudit.core.entries import bare, in_lists, qualified
from sessionaudit.core.kind import Entry, Scope
from sessionaudit.core.node import (
    ABSENT,
    PRESENT,
    Mapping,
    Node,
    NodeError,
    Scalar,
    described,
    mapping,
    name,
    standing_at,
    text,
)
from sessionaudit.sql.fragment import Fragment
from sessionaudit.sql.text import enclosed, quoted

if TYPE_CHECKING:
    from collections.abc import Iterator


class Publication(Compared, frozen=True, kw_only=True):
    """A table's membership in a publication.

    `columns` are those that are published, sorted, none for all; `where` is the condition of the rows that are.
    `refusing` are, of a real one, the table or its partitions that have no replica identity; `listed` says that the
    publication lists the table itself.
    """

    aside: ClassVar = frozenset({"listed"})

    refusing: tuple[str, ...] = ()
    columns: tuple[str, ...] = ()
    where: str | None = None
    listed: bool = True


class Member(Scalar):
    """A table in a list of a publication, of which no more is said."""

    __slots__ = ()


def entries(node: Node, scope: Scope) -> Iterator[Entry]:
    """Read `publication: [table]`, or `publication: {table: (columns) where (condition)}`; or `absent`, `present`."""
    publications = mapping(node, "a mapping of publications to lists of tables")
    for key, members in publications.items():
        if not isinstance(members, Mapping):
            for entry in in_lists(standing_at(Mapping({key: members}), publications), scope):
                yield entry._replace(node=_plain(entry.node))
            continue
        publication = bare(name(key))
        for member, value in members.items():
            path = (publication, *qualified(name(member), scope.schema))
            yield Entry(path, member, _plain(value) if value == PRESENT else value)


def _plain(node: Node) -> Node:
    found = Member(node)
    if isinstance(node, Scalar):
        found.line, found.column, found.style = node.line, node.column, node.style
        found.source = node.source
    return found


def read(node: Node, _schema: str) -> Publication:
    """Read an entry of `publications:`: nothing but a name, or what follows the table in CREATE PUBLICATION."""
    if isinstance(node, Member):
        return Publication()
    said = text(node, f"{ABSENT}, {PRESENT}, or what follows the table: (columns) where (condition)")
    fragment = Fragment(said)
    if not (fragment.peek("(") or fragment.peek("where")):
        raise NodeError(
            f"expected “{ABSENT}”, “{PRESENT}”, or “(columns) where (condition)”; found {described(node)}",
            node,
            hint="List what must exist: [a, b].",
        )
    columns = tuple(sorted(fragment.names())) if fragment.peek("(") else ()
    if len(set(columns)) < len(columns):
        raise NodeError("a column is listed twice", node)
    where = None
    if fragment.accept("where"):
        where = fragment.parenthesised()
        if not where:
            raise NodeError("expected a condition in parentheses", node)
    fragment.end("“(”, a list of columns, or “where (”")
    return Publication(columns=columns, where=where)


def load(row: tuple[Any, ...], _schema: str) -> Publication:
    """Make a Publication of a row of the catalog query."""
    refusing, columns, where, listed = row
    return Publication(
        refusing=tuple(refusing),
        columns=tuple(sorted(columns)),
        where=where,
        listed=listed,
    )


def spell(publication: Publication) -> str | None:
    """What follows the table in CREATE PUBLICATION; None if that is nothing."""
    parts = [f"({', '.join(map(quoted, publication.columns))})"] if publication.columns else []
    parts += [f"where {enclosed(publication.where)}"] if publication.where is not None else []
    return " ".join(parts) or None

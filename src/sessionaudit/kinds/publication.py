"""Membership of tables in publications."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sessionaudit.core.entries import in_lists
from sessionaudit.core.finding import Rule, Severity
from sessionaudit.core.kind import Kind, beside
from sessionaudit.core.node import PRESENT
from sessionaudit.core.ref import dotted
from sessionaudit.core.sql import quoted

if TYPE_CHECKING:
    from sessionaudit.core.node import Node
    from sessionaudit.core.ref import ObjectRef


@dataclass(frozen=True, slots=True, kw_only=True)
class Publication:
    """A table's membership in a publication."""


MISSING = Rule(
    "SA701",
    "missing-publication",
    Severity.ERROR,
    "A table is not in a publication that the contract puts it into.",
    "Whoever listens hears nothing of its changes: subscribers go stale, a live view never moves.",
)
UNEXPECTED = Rule(
    "SA702",
    "unexpected-publication",
    Severity.NOTE,
    "A contract table is in a publication of the contract that does not list it.",
    "Its changes are sent to listeners that nobody wrote down.",
    "A publication sends the changes of a table that it does not list: {object}.",
)
FORBIDDEN = Rule(
    "SA703",
    "forbidden-publication",
    Severity.WARNING,
    "A table is in a publication from which the contract keeps it away.",
    "Its changes are sent to listeners that must not hear of them.",
    "The publication still sends the changes of a table that the contract keeps away from it: {object}.",
)


def lacking(ref: ObjectRef, _publication: Publication) -> str:
    """Say who hears of nothing."""
    publication, *table = ref.path
    return (
        f"The publication {quoted(publication)} does not hold {dotted(tuple(table))}, or does not exist: whoever "
        "listens never hears of the table's changes."
    )


def read(_node: Node, _schema: str) -> Publication:
    """Read an entry of `publications:`; the names say it all."""
    return Publication()


def load(_row: tuple[Any, ...], _schema: str) -> Publication:
    """Make a Publication of a row of the catalog query."""
    return Publication()


KIND = Kind(
    name="publication",
    section="publications",
    identity=("publication", "schema", "name"),
    model=Publication,
    query=beside(__file__),
    entries=in_lists,
    read=read,
    load=load,
    show=lambda _publication: PRESENT,
    missing=MISSING,
    lacking=lacking,
    forbidden=FORBIDDEN,
    unexpected=UNEXPECTED,
    attributes=(),
    shape={"type": "array", "items": {"type": "string"}},
)

"""Indexes, other than those of keys."""

from __future__ import annotations

from functools import lru_cache
from typing import Any, ClassVar

from msgspec import Struct

from sessionaudit.core.compared import Compared
from sessionaudit.core.node import Node, text
from sessionaudit.sql.fragment import Fragment


class Lacking(Struct, frozen=True):
    """A partition without an index of the partitioned table.

    `partitioned` tells whether it is so itself, `candidate` is an index of its own that can be attached, or "", and
    `free` tells that nothing has the name that is made of its own and the index's.
    """

    path: tuple[str, str]
    partitioned: bool
    candidate: str
    free: bool


class Index(Compared, frozen=True, kw_only=True):
    """An index; `definition` is what follows USING: `btree (status) WHERE …`.

    `inherited` is one that a partition has because its parent has it. `lacking` are, where it is not valid, the
    partitions without it.
    """

    aside: ClassVar = frozenset({"inherited", "lacking"})

    unique: bool
    definition: str
    valid: bool = True
    inherited: bool = False
    lacking: tuple[Lacking, ...] = ()


_HINT = "Write what follows the table in CREATE INDEX, with “unique” first: unique using btree (lower(name)) where …"


@lru_cache(maxsize=16384)
def parse(definition: str) -> Index:
    """Read what follows the name in CREATE INDEX, without ON and the table. Raises FragmentError."""
    fragment = Fragment(definition)
    unique = fragment.accept("unique")
    method = fragment.name("an index method") if fragment.accept("using") else "btree"
    if not fragment.peek("("):
        raise fragment.error("the columns, in parentheses", _HINT)
    return Index(unique=unique, definition=f"{method} {fragment.rest()}")


def read(node: Node, _schema: str) -> Index:
    """Read an entry of `indexes:`."""
    return parse(text(node, "an index, such as: using btree (status)"))


def load(row: tuple[Any, ...], _schema: str) -> Index:
    """Make an Index of a row of the catalog query."""
    unique, definition, valid, inherited, names = row
    if definition is None:
        raise TypeError("the index no longer exists")
    parts = zip(*(names[place::5] for place in range(5)), strict=True)
    lacking = tuple(
        Lacking((schema, name), sort == "p", candidate, free == "true") for schema, name, sort, candidate, free in parts
    )
    return Index(unique=unique, definition=definition, valid=valid, inherited=inherited, lacking=lacking)


def show(index: Index) -> str:
    """The index as the contract writes it."""
    return f"{'unique ' if index.unique else ''}using {index.definition}"


def create_on(index: Index, on: str, name: str) -> str:
    """The statement that builds the index on another table."""
    return f"create {'unique ' if index.unique else ''}index {name} on {on} using {index.definition}"

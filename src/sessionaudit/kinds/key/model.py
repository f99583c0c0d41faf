"""Primary keys and unique constraints."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any, ClassVar

from sessionaudit.core.compared import Compared
from sessionaudit.core.node import Node, text
from sessionaudit.kinds.common import enforcement
from sessionaudit.sql.fragment import Fragment
from sessionaudit.sql.text import quoted

if TYPE_CHECKING:
    from collections.abc import Iterable


class Key(Compared, frozen=True, kw_only=True):
    """A primary key or a unique constraint; `type` is `primary key` or `unique`.

    `slack` says of a real one why PostgreSQL does not hold it for every row; `repairable` whether making
    it anew ends that. `inherited` is one that is there because the parent of a partition has it.
    """

    aside: ClassVar = frozenset({"inherited", "repairable"})

    type: str
    columns: tuple[str, ...]
    include: tuple[str, ...] = ()
    nulls_not_distinct: bool = False
    without_overlaps: bool = False
    deferral: str = ""
    enforced: bool = True
    slack: tuple[str, ...] = ()
    repairable: bool = True
    inherited: bool = False


def take_deferral(fragment: Fragment) -> str:
    """Take what says when a constraint is looked at; "" means at once."""
    deferral = ""
    while True:
        if fragment.accept("not", "deferrable"):
            deferral = ""
        elif fragment.accept("deferrable"):
            deferral = deferral or "deferrable"
        elif fragment.accept("initially", "deferred"):
            deferral = "deferrable initially deferred"
        elif not fragment.accept("initially", "immediate"):
            return deferral


def show_columns(columns: Iterable[str]) -> str:
    """Columns in parentheses, quoted where they must be."""
    return f"({', '.join(quoted(column) for column in columns)})"


@lru_cache(maxsize=16384)
def parse(definition: str) -> Key:
    """Read what follows ADD CONSTRAINT name. Raises FragmentError."""
    fragment = Fragment(definition)
    kind = fragment.one_of("primary key", "unique")
    distinct = fragment.accept("nulls", "not", "distinct")
    if not distinct:
        fragment.accept("nulls", "distinct")
    columns, without_overlaps = _columns(fragment)
    include = fragment.names() if fragment.accept("include") else ()
    deferral = take_deferral(fragment)
    fragment.end("“include”, “deferrable” or the end")
    return Key(
        type=kind,
        columns=columns,
        include=include,
        nulls_not_distinct=distinct,
        without_overlaps=without_overlaps,
        deferral=deferral,
    )


def _columns(fragment: Fragment) -> tuple[tuple[str, ...], bool]:
    """Take the columns, and whether the last one's ranges are only kept from overlapping (PostgreSQL 18)."""
    fragment.expect("(")
    columns = [fragment.name("a column")]
    while fragment.accept(","):
        columns.append(fragment.name("a column"))
    without_overlaps = fragment.accept("without", "overlaps")
    fragment.expect(")")
    return tuple(columns), without_overlaps


def read(node: Node, _schema: str) -> Key:
    """Read an entry of `constraints:` that is a key."""
    return parse(text(node, "a constraint"))


def load(row: tuple[Any, ...], _schema: str) -> Key:
    """Make a Key of a row of the catalog query."""
    kind, columns, include, nulls_not_distinct, without_overlaps, deferral, valid, lacking, off, bare, inherited = row
    return Key(
        type=kind,
        columns=tuple(columns),
        include=tuple(include),
        nulls_not_distinct=nulls_not_distinct,
        without_overlaps=without_overlaps,
        deferral=deferral,
        slack=(*_invalid(valid, lacking), *enforcement.off(off), *enforcement.bare(bare)),
        repairable=not bare,
        inherited=inherited,
    )


def _invalid(valid: bool, lacking: list[str]) -> tuple[str, ...]:
    if valid:
        return ()
    return (f"its index is not valid{', and missing on ' if lacking else ''}{', '.join(lacking)}",)


def show_key(key: Key) -> str:
    """The key without its deferral, as the contract writes it."""
    distinct = " nulls not distinct" if key.nulls_not_distinct else ""
    include = f" include {show_columns(key.include)}" if key.include else ""
    columns = show_columns(key.columns)
    if key.without_overlaps:
        columns = f"{columns[:-1]} without overlaps)"
    return f"{key.type}{distinct} {columns}{include}"


def show(key: Key) -> str:
    """The key as the contract writes it."""
    return f"{show_key(key)} {key.deferral}".rstrip()

"""Read the parameter `select`: columns, casts, aggregates, embedded tables and spreads.

After `pFieldForest` of PostgREST.
"""

from __future__ import annotations

from functools import lru_cache
from typing import NamedTuple

from msgspec import Struct

from sessionaudit.audits.code.postgrest.grammar import (
    QueryField,
    Scanner,
    field,
    field_name,
    identifier,
)
from sessionaudit.audits.code.postgrest.wire_text import HOLE

AGGREGATES = ("sum", "avg", "count", "max", "min")


class ColumnItem(Struct, frozen=True, kw_only=True):
    """A column of `select`: `alias:name->path::cast.aggregate()::aggregate_cast`; `*` is a column too."""

    field: QueryField
    alias: str = ""
    cast: str = ""
    aggregate: str = ""
    aggregate_cast: str = ""
    cast_start: int = 0

    @property
    def known(self) -> bool:
        """Whether the code tells all of it."""
        return self.field.known and HOLE not in self.cast + self.aggregate_cast + self.alias


class EmbedItem(Struct, frozen=True, kw_only=True):
    """An embedded table: `alias:target!hint!inner(items)`, or `...target(items)`; from `start` to `end` is its name."""

    target: str
    items: tuple[SelectItem, ...]
    start: int
    end: int
    alias: str = ""
    hint: str = ""
    hint_start: int = 0
    join: str = ""
    spread: bool = False

    @property
    def known(self) -> bool:
        """Whether the code tells what is embedded."""
        return HOLE not in self.target + self.hint + self.alias

    @property
    def name(self) -> str:
        """The name by which filters and orders mean it."""
        return self.alias or self.target


SelectItem = ColumnItem | EmbedItem


class _Parameters(NamedTuple):
    hint: str = ""
    hint_start: int = 0
    join: str = ""


@lru_cache(maxsize=1024)
def selected(text: str) -> tuple[SelectItem, ...]:
    """Read the parameter. Raises QueryError."""
    scanner = Scanner(text)
    return _forest(scanner)


def _forest(scanner: Scanner) -> tuple[SelectItem, ...]:
    if scanner.ended or scanner.next() == ")":
        return ()
    found = scanner.separated(lambda: _tree(scanner), blanks=True)
    return tuple(found)


def _tree(scanner: Scanner) -> SelectItem:
    scanner.blanks()
    head = scanner.attempt(lambda: _spread(scanner)) or scanner.attempt(lambda: _relation(scanner))
    if head is None:
        return _column(scanner)
    scanner.blanks()
    scanner.need("(")
    items = _forest(scanner)
    scanner.need(")", "), a comma or a column")
    scanner.blanks()
    return EmbedItem(
        target=head.target,
        items=items,
        start=head.start,
        end=head.end,
        alias=head.alias,
        hint=head.hint,
        hint_start=head.hint_start,
        join=head.join,
        spread=head.spread,
    )


def _spread(scanner: Scanner) -> EmbedItem:
    scanner.need("...")
    return _head(scanner, "", spread=True)


def _relation(scanner: Scanner) -> EmbedItem:
    return _head(scanner, scanner.attempt(lambda: _alias(scanner)) or "", spread=False)


def _head(scanner: Scanner, alias: str, *, spread: bool) -> EmbedItem:
    start = scanner.at
    name = field_name(scanner)
    end = start + len(scanner.text[start : scanner.at].rstrip())
    if name == "count" and not spread:
        raise scanner.error("a table")
    given = _parameters(scanner)
    if scanner.next() != "(":
        raise scanner.error("(")
    return EmbedItem(
        target=name,
        items=(),
        start=start,
        end=end,
        alias=alias,
        hint=given.hint,
        hint_start=given.hint_start,
        join=given.join,
        spread=spread,
    )


def _parameters(scanner: Scanner) -> _Parameters:
    result = _Parameters()
    for _ in range(2):
        if not scanner.take("!"):
            break
        if scanner.take("left"):
            result = result._replace(join=result.join or "left")
        elif scanner.take("inner"):
            result = result._replace(join=result.join or "inner")
        else:
            start = scanner.at
            hint = field_name(scanner)
            if not result.hint:
                result = result._replace(hint=hint, hint_start=start)
    return result


def _alias(scanner: Scanner) -> str:
    name = field_name(scanner)
    if scanner.next() != ":" or scanner.text.startswith("::", scanner.at):
        raise scanner.error("a colon")
    scanner.at += 1
    return name


def _column(scanner: Scanner) -> ColumnItem:
    found = scanner.attempt(lambda: _star(scanner)) or scanner.attempt(lambda: _count(scanner))
    if found is None:
        alias = scanner.attempt(lambda: _alias(scanner)) or ""
        found = _plain(scanner, alias)
    scanner.blanks()
    return found


def _star(scanner: Scanner) -> ColumnItem:
    start = scanner.at
    scanner.need("*")
    _end(scanner)
    return ColumnItem(field=QueryField("*", (), start, scanner.at))


def _count(scanner: Scanner) -> ColumnItem:
    alias = scanner.attempt(lambda: _alias(scanner)) or ""
    start = scanner.at
    scanner.need("count()")
    end = scanner.at
    cast = identifier(scanner) if scanner.take("::") else ""
    _end(scanner)
    return ColumnItem(field=QueryField("*", (), start, end), alias=alias, aggregate="count", aggregate_cast=cast)


def _plain(scanner: Scanner, alias: str) -> ColumnItem:
    found = field(scanner)
    cast_start = scanner.at
    cast = identifier(scanner) if scanner.take("::") else ""
    aggregate = scanner.attempt(lambda: _aggregate(scanner)) or ""
    aggregate_cast = identifier(scanner) if scanner.take("::") else ""
    _end(scanner)
    return ColumnItem(
        field=found,
        alias=alias,
        cast=cast,
        aggregate=aggregate,
        aggregate_cast=aggregate_cast,
        cast_start=cast_start,
    )


def _aggregate(scanner: Scanner) -> str:
    scanner.need(".")
    for name in AGGREGATES:
        if scanner.take(name):
            scanner.need("()")
            return name
    raise scanner.error("an aggregate function")


def _end(scanner: Scanner) -> None:
    if not (scanner.ended or scanner.next() in "),"):
        raise scanner.error("), a comma or the end")

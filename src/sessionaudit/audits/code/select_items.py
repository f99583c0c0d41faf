"""Compile the columns of a select."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sessionaudit.audits.code.filtering import field_sql
from sessionaudit.audits.code.placed_sql import COLUMN, TYPE, Mark
from sessionaudit.sql.text import identifier

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sessionaudit.audits.code.placed_sql import PlacedSql
    from sessionaudit.audits.code.postgrest.select import ColumnItem
    from sessionaudit.audits.code.postgrest.wire_text import WireText
    from sessionaudit.audits.code.schema_cache.model import CachedRelation


class Selecting:
    """The columns that one table of a request gives, of which each is an atom in all that names it."""

    def __init__(self, sql: PlacedSql, text: WireText, relation: CachedRelation, qualifier: Sequence[str]) -> None:
        self._sql, self._text, self._relation, self._qualifier = sql, text, relation, qualifier

    def item(self, item: ColumnItem, atom: int) -> None:
        """Add a column, with its cast, its aggregate and its alias."""
        sql = self._sql
        sql.begin(atom)
        if item.aggregate:
            sql.add(f"cast({item.aggregate}(" if item.aggregate_cast else f"{item.aggregate}(")
        if item.aggregate and item.field.name == "*":
            sql.add("*")
        else:
            at = self._text.span(item.cast_start + 2, item.cast_start + 2 + len(item.cast))
            cast = Mark(TYPE, item.cast, at, self._relation, self._relation.columns.get(item.field.name))
            if item.cast:
                sql.add("cast(", cast)
            field_sql(sql, item.field, self._relation, self._qualifier, self._mark(item))
            if item.cast:
                sql.add(" as ").add(item.cast, cast).add(")")
        if item.aggregate:
            sql.add(f") as {item.aggregate_cast})" if item.aggregate_cast else ")")
        if alias := named(item):
            sql.add(f" as {identifier(alias)}")
        sql.end()

    def group(self, item: ColumnItem, atom: int) -> None:
        """Add a column to group by."""
        self._sql.begin(atom)
        if alias := named(item):
            self._sql.add(identifier(alias))
        else:
            field_sql(self._sql, item.field, self._relation, self._qualifier, self._mark(item))
        self._sql.end()

    def bare(self, item: ColumnItem, atom: int) -> None:
        """Add the column itself."""
        self._sql.begin(atom)
        field_sql(self._sql, item.field._replace(path=()), self._relation, self._qualifier, self._mark(item))
        self._sql.end()

    def _mark(self, item: ColumnItem) -> Mark:
        at = self._text.span(item.field.start, item.field.end)
        return Mark(COLUMN, item.field.name, at, self._relation, self._relation.columns.get(item.field.name))


def named(item: ColumnItem) -> str:
    """Return the name of a column in the answer, if that is not its own."""
    keys = [step.key for step in item.field.path if not step.is_index]
    if item.alias or not item.field.path or item.aggregate:
        return item.alias
    return keys[-1] if keys else item.field.name

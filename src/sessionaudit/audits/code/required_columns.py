"""Say what is wrong with a row without a value in a column that requires one, however the row is written."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sessionaudit.audits.code.schema_cache.model import RelationPath

GETS_DEFAULT = "Leave it out, and it gets its default."


def left_out(path: RelationPath, column: str) -> str:
    """Say that a column is left out without which no row can be inserted."""
    return f"{refuses_null(path, column)} and has no default, and is left out"


def refuses_null(path: RelationPath, column: str) -> str:
    """Say that a column takes no null."""
    return f"{'.'.join(path)}.{column} does not permit null"


def may_be_filled(path: RelationPath, column: str) -> str:
    """Say why it is not known whether a row lacks a value."""
    return f"a trigger of {'.'.join(path)} may fill {column}"

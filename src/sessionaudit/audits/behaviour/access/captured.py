"""Find comparisons of a column with itself in what PostgreSQL prints of an expression.

It encloses each comparison in parentheses, and the cast of a column as well: `((m.name)::text = (m.name)::text)`.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

_NAME = r'(?:"(?:[^"]|"")+"|[a-z_][\w$]*)'
_COLUMN = rf"{_NAME}(?:\.{_NAME})*"
_CAST = r"::[a-z][a-z ]*(?:\(\d+\))?"
_WITH_ITSELF = re.compile(rf"\((?P<side>(?P<bare>{_COLUMN})|\((?P<cast>{_COLUMN})\){_CAST}) = (?P=side)\)")
_LITERAL = re.compile(r"'(?:[^']|'')*'")
_CONSTANTS = {"true", "false", "null", "current_user", "session_user", "current_date", "current_timestamp"}


def captured(expression: str) -> Iterator[str]:
    """Return the comparisons, such as `m.org = m.org`; the expression is as PostgreSQL prints it."""
    for found in _WITH_ITSELF.finditer(_LITERAL.sub("''", expression)):
        column = found["bare"] or found["cast"]
        if column.lower() not in _CONSTANTS:
            yield f"{column} = {column}"

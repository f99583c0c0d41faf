"""Find comparisons of a column with itself in what PostgreSQL prints of an expression.

It encloses each comparison in parentheses, and qualifies columns wherever there are several tables.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sessionaudit.sql.text import UnclosedError, tokens

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sessionaudit.sql.text import Token

_NAMES = {"word", "quoted"}
_CONSTANTS = {"true", "false", "null", "current_user", "session_user", "current_date", "current_timestamp"}


def captured(expression: str) -> Iterator[str]:
    """Return the comparisons, such as `m.org = m.org`; the expression is as PostgreSQL prints it."""
    if "=" not in expression:
        return
    try:
        found = list(tokens(expression))
    except UnclosedError:
        return
    for place, token in enumerate(found):
        if token.text != "=":
            continue
        left, right = _side(found, place, -1), _side(found, place, 1)
        if left and left == right and not {*left} & _CONSTANTS:
            column = "".join(left)
            yield f"{column} = {column}"


def _side(found: list[Token], place: int, step: int) -> list[str]:
    """Return the column on one side of an operator, up to the parenthesis; nothing if there is more than a column."""
    texts: list[str] = []
    at = place + step
    while 0 <= at < len(found) and found[at].text not in {"(", ")"}:
        if found[at].sort not in _NAMES and found[at].text != ".":
            return []
        texts.append(found[at].text)
        at += step
    if not 0 <= at < len(found):
        return [] if step > 0 and at < len(found) else _ordered(texts, step)
    if found[at].text != ("(" if step < 0 else ")"):
        return []
    return _ordered(texts, step)


def _ordered(texts: list[str], step: int) -> list[str]:
    ordered = texts[::step]
    dots = [one == "." for one in ordered]
    # Names and dots by turns: anything else is more than a column.
    return ordered if dots == [place % 2 == 1 for place in range(len(dots))] and len(dots) % 2 else []

"""Statements in a hint, apart from its prose."""

from __future__ import annotations

from typing import NamedTuple

from sessionaudit.sql.text import UnclosedError, tokens

_FIRST = {"grant", "alter"}


class HintParts(NamedTuple):
    """What a hint says: statements to execute, and the rest of it."""

    sql: tuple[str, ...]
    prose: str


def advice_of(hint: str) -> HintParts:
    """Take the statements out of a hint: each begins where a sentence or another statement ends, and has its “;”."""
    try:
        found = [*tokens(hint)]
    except UnclosedError:  # an apostrophe
        return HintParts((), hint)
    statements: list[str] = []
    prose, begun, end = "", -1, 0
    for token in found:
        if begun < 0 and token.text in _FIRST:
            prose += hint[end : token.start]
            begun = token.start
        elif begun >= 0 and token.text == ";":
            statements.append(hint[begun : token.end])
            begun, end = -1, token.end
    return HintParts(tuple(statements), " ".join((prose + hint[end:]).split())) if begun < 0 else HintParts((), hint)

"""Find the relations that a query certainly reads: those that follow FROM or JOIN, and that it does not make itself."""

from __future__ import annotations

from functools import lru_cache
from itertools import islice
from typing import TYPE_CHECKING

from sessionaudit.sql.text import UnclosedError, given_by_with, tokens, unquote

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from sessionaudit.sql.text import Token

_ESCAPED = frozenset({'u&"', 'U&"'})  # which escape is meant may stand behind the name
_NAMES = frozenset({"word", "quoted"})
_LEADING = frozenset({"select", "with", "values"})  # with which a query in parentheses begins
# Behind these, FROM is a name, or belongs to IS DISTINCT FROM.
_NO_CLAUSE = frozenset({"distinct", "as", ".", "rows"})
# What may follow FROM as a bare word and is no relation (the grammar's func_expr_common_subexpr, and more).
_NO_RELATIONS = frozenset(
    """
    only lateral rows user session_user system_user current_user current_role current_catalog current_schema
    current_date current_time current_timestamp localtime localtimestamp
    """.split()
)


@lru_cache(maxsize=4096)
def relations_read(query: str) -> frozenset[tuple[str, str]]:
    """Return schema and name of each; the schema is "" where the query does not tell it.

    Others may be read too: what follows a comma is not told, nor what a function reads.
    """
    return frozenset(_relations(query))


def _relations(query: str) -> Iterator[tuple[str, str]]:
    try:
        found = list(tokens(query))
    except UnclosedError:
        return
    own = {*given_by_with(found)}
    within = [True]  # of each parenthesis that is open, whether it holds a query
    for place, token in enumerate(found):
        if token.text == "(":
            within.append(place + 1 < len(found) and _is(found[place + 1], *_LEADING))
        elif token.text == ")":
            within = within[:-1] or [False]
        elif (
            _is(token, "from", "join")
            and (within[-1] or _is(token, "join"))
            and found[place - 1].text.lower() not in _NO_CLAUSE
        ):
            yield from _name(islice(found, place + 1, None), own)


def _is(token: Token, *words: str) -> bool:
    return token.sort == "word" and token.text.lower() in words


def _name(after: Iterable[Token], own: set[str]) -> Iterator[tuple[str, str]]:
    parts: list[str] = []
    for place, token in enumerate(after):
        if place == 0 and token.sort == "word" and token.text.lower() in _NO_RELATIONS:
            return
        if place % 2 == 0 and token.sort in _NAMES and token.text[:3] not in _ESCAPED:
            parts.append(unquote(token.text))
        elif place % 2 == 0 or token.text != ".":
            called = token.text == "(" and place % 2 == 1
            break
    else:
        called = False
    if called or not parts or (len(parts) == 1 and parts[0] in own):
        return
    yield ("", parts[0]) if len(parts) == 1 else (parts[-2], parts[-1])

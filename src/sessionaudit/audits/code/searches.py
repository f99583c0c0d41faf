"""Have the server read the words of full-text searches, which it reads only when the request is run."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from sessionaudit.audits.code import rules
from sessionaudit.audits.code.evaluating import evaluated
from sessionaudit.audits.code.postgrest.filters import SEARCHES, FilterTerm
from sessionaudit.audits.code.postgrest.wire_text import HOLE
from sessionaudit.core import sqlstate
from sessionaudit.sql.text import literal

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from sessionaudit.audits.code.compiling import Compiled
    from sessionaudit.audits.code.postgrest.filters import LogicTree
    from sessionaudit.audits.code.postgrest.query import PlacedFilter
    from sessionaudit.postgres.connection import Connection

_WORDS_ONLY = "fts"


class _WordSearch(NamedTuple):
    compiled: Compiled
    placed: PlacedFilter
    term: FilterTerm


def judge_searches(connection: Connection, every: Sequence[Compiled]) -> None:
    """Have searches read, in the open transaction, and add to the verdicts of requests. Raises psycopg.Error."""
    searches = [
        _WordSearch(one, placed, term)
        for one in every
        for placed in one.query.filters
        for term in _terms(placed.tree)
        if term.operator in SEARCHES and HOLE not in term.values[0].text + term.language
    ]
    answers = evaluated(connection, map(_query, searches))
    for one in searches:
        answer = answers[_query(one)]
        value = one.term.values[0]
        at = one.placed.values.span(value.start, max(value.end, value.start + 1)) or one.placed.at
        refused = answer.state == sqlstate.SYNTAX_ERROR or answer.state.startswith(sqlstate.DATA_EXCEPTION)
        if refused and at not in [verdict.at for verdict in one.compiled.verdicts]:
            one.compiled.found(
                rules.IMPOSSIBLE_VALUE,
                at,
                f"“{value.text}” cannot be searched for: {answer.message}",
                answer.state,
                actual=value.text,
                hint="Write & or | between words, or search by the type “websearch”."
                if one.term.operator == _WORDS_ONLY
                else "",
                certain=not one.placed.optional,
            )


def _terms(tree: LogicTree) -> Iterator[FilterTerm]:
    if isinstance(tree, FilterTerm):
        yield tree
    else:
        for one in tree.terms:
            yield from _terms(one)


def _query(one: _WordSearch) -> str:
    language = f"{literal(one.term.language).lstrip()}, " if one.term.language else ""
    text = literal(one.term.values[0].text.replace("\0", "")).lstrip()
    return f"select pg_catalog.{SEARCHES[one.term.operator]}({language}{text})::text"

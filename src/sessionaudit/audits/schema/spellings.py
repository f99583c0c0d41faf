"""Decide whether two spellings mean the same: the same words, the same tree, or the same deparsed text."""

from __future__ import annotations

from typing import TYPE_CHECKING

import psycopg

from sessionaudit.core.text_comparison import SAME, Answer, Verdict
from sessionaudit.postgres import trial
from sessionaudit.postgres.connection import broken
from sessionaudit.sql import equality

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sessionaudit.audits.audit import Options
    from sessionaudit.contract.model import Contract
    from sessionaudit.core.text_comparison import Question
    from sessionaudit.postgres.connection import Connection

# As one value: to make a row of each of the three thousand takes both sides longer than to find them.
_OWN_NAMES = """
select pg_catalog.array_agg(o.name::text)
  from (select p.proname, p.pronamespace from pg_catalog.pg_proc p
         union all select t.typname, t.typnamespace from pg_catalog.pg_type t
         union all select l.collname, l.collnamespace from pg_catalog.pg_collation l
         union all select c.relname, c.relnamespace from pg_catalog.pg_class c) o (name, schema)
 where o.schema = 'pg_catalog'::pg_catalog.regnamespace"""


def settle(connection: Connection, contract: Contract, questions: Sequence[Question], options: Options) -> list[Answer]:
    """Decide whether expected and actual expressions mean the same: by text, by tree, or by the server."""
    answers: dict[int, Answer] = {}
    shadowed = _Shadowed(connection)
    for index, question in enumerate(questions):
        expected, actual = question.texts
        form = question.form
        if form.wrap is None:
            same = equality.same_words(expected, actual)
        else:
            same = equality.same_meaning(
                expected,
                actual,
                wrap=form.wrap,
                schema=contract.schema,
                shadowed=shadowed,
                type_=form.context(question.expected) if form.context else None,
            )
        if same:
            answers[index] = SAME
    still_open = [index for index in range(len(questions)) if index not in answers]
    if still_open and options.read_only:
        refused = Answer(Verdict.UNKNOWN, "--read-only forbids asking the server")
        answers.update(dict.fromkeys(still_open, refused))
    elif still_open:
        settled = trial.ask(
            connection,
            [questions[index] for index in still_open],
            schema=contract.schema,
            statement_timeout=options.statement_timeout,
        )
        answers.update(zip(still_open, settled, strict=True))
    return [answers[index] for index in range(len(questions))]


def own_names(connection: Connection) -> frozenset[str]:
    """Return all names in pg_catalog, which PostgreSQL searches first for a name without a schema."""
    try:
        ((names,),) = connection.execute(_OWN_NAMES)
    except psycopg.Error as error:
        raise broken(error, "reading the catalogs") from None
    return frozenset(names)


class _Shadowed:
    """Finds out whether pg_catalog has a function of a given name; each name is queried once."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._known: dict[str, bool] = {}

    def __call__(self, names: frozenset[str]) -> bool:
        unknown = sorted(names - self._known.keys())
        if unknown:
            try:
                rows = self._connection.execute(
                    "select distinct p.proname::text from pg_catalog.pg_proc p"
                    " where p.proname = any (%s::name[]) and p.pronamespace = 'pg_catalog'::pg_catalog.regnamespace",
                    (unknown,),
                )
            except psycopg.Error as error:
                raise broken(error, "comparing expressions") from None
            found = {row[0] for row in rows}
            self._known.update({name: name in found for name in unknown})
        return any(self._known[name] for name in names)

"""Runs the audits into one Report."""

from __future__ import annotations

import datetime as dt
import threading
from concurrent.futures import Future, wait
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

from sessionaudit.connection import broken, closing, connect, describe, hang_up
from sessionaudit.contract import document, glimpse
from sessionaudit.contract.loader import outline
from sessionaudit.core.ref import ObjectRef
from sessionaudit.errors import UsageError
from sessionaudit.kinds import KINDS
from sessionaudit.report.model import Report
from sessionaudit.selection import Selection, judged, refuse_slips

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence
    from pathlib import Path

    from sessionaudit.connection import Connection
    from sessionaudit.contract.loader import Outline
    from sessionaudit.contract.model import Contract
    from sessionaudit.core.kind import ObjectPath
    from sessionaudit.core.schema import Schema
    from sessionaudit.deparse import Answer, Question

T = TypeVar("T")
_LEAST_SECONDS = 0.001
_USUAL_CONNECT = 0.5  # seconds; once the server is at work, the contract is read for nothing
_MOST_SECONDS = 2_000_000  # of 2,147,483, the most that PostgreSQL takes as a timeout


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """What a call asks for.

    `only` and `ignore` hold rules, codes or globs over objects. `read_only` forbids the temporary
    tables (rolled back) with which the server compares expressions. `statement_timeout` is in seconds.
    """

    only: tuple[str, ...] = ()
    ignore: tuple[str, ...] = ()
    read_only: bool = False
    statement_timeout: float = 30

    @property
    def bounded_timeout(self) -> float:
        """The seconds that PostgreSQL is given, which must be a number that it takes."""
        return min(self.statement_timeout, _MOST_SECONDS)


def run(url: str | None, contract: Path, options: Options) -> Report:
    """Hold a database against a contract.

    Reads in one read-only snapshot. Raises UsageError and ContractError where the call or the
    contract is wrong, DatabaseError where the database cannot be reached or fails half-way.
    """
    if not options.statement_timeout >= _LEAST_SECONDS:  # so that NaN is refused too
        raise UsageError(f"--statement-timeout takes {_LEAST_SECONDS} seconds or more")
    refuse_slips((*options.only, *options.ignore))
    connecting = _in_background(lambda: connect(url))
    timeout = options.bounded_timeout
    try:
        source = document.read(contract)
        guess = glimpse.relations(source)
        wait([connecting], timeout=_USUAL_CONNECT)
        outlined: Future[Outline] = Future()
        reading = _in_background(lambda: _read(connecting.result(), outlined, guess, timeout))
        try:
            outlined.set_result(outline(source, str(contract)))
        except BaseException as error:
            outlined.set_exception(error)
            raise
        declared = outlined.result().declare()
        connection = connecting.result()
    except BaseException:
        _in_background(lambda: hang_up(connecting.result()))  # whenever it comes about
        raise
    from sessionaudit import drift  # noqa: PLC0415 - loaded while the server is at work

    with closing(connection):
        actual = reading.result()
        comparing = _in_background(  # for libpq would not hear of Ctrl-C
            lambda: drift.compare(declared, actual, lambda questions: _settle(connection, declared, questions, options))
        )
        found = comparing.result()
        database = describe(connection)
    selection = Selection(only=options.only, ignore=options.ignore, schema=declared.schema)
    if not selection.everything:
        selection.require(_refs(declared.objects, actual.objects))
    findings, waived = judged(found, declared, selection, dt.datetime.now(tz=dt.UTC).date())
    return Report(
        database=database,
        contract=str(contract),
        findings=findings,
        waived=waived,
        skipped=actual.skipped,
        checked={kind.name: _count(kind.name, declared, selection) for kind in KINDS if kind.name in actual.objects},
        filtered=not selection.everything,
    )


def _refs(*sides: Mapping[str, Mapping[ObjectPath, object]]) -> Iterable[ObjectRef]:
    return (ObjectRef(kind, path) for side in sides for kind, paths in side.items() for path in paths)


def _count(kind: str, declared: Contract, selection: Selection) -> int:
    paths = declared.objects[kind]
    if selection.everything:
        return len(paths)
    return sum(selection.looks_at(ObjectRef(kind, path)) for path in paths)


def _read(connection: Connection, outlined: Future[Outline], guess: Sequence[ObjectPath], timeout: float) -> Schema:
    from sessionaudit import catalog  # noqa: PLC0415 - loads psycopg, which takes its time

    return catalog.read(connection, outlined.result, guess=guess, statement_timeout=timeout)


def _in_background(call: Callable[[], T]) -> Future[T]:
    """Run a call while the caller does something else; it does not keep the process alive."""
    outcome: Future[T] = Future()

    def run_it() -> None:
        try:
            outcome.set_result(call())
        except BaseException as error:
            outcome.set_exception(error)

    threading.Thread(target=run_it, daemon=True).start()
    return outcome


# Spellings


def _settle(
    connection: Connection, contract: Contract, questions: Sequence[Question], options: Options
) -> list[Answer]:
    """Answer whether expected and actual expressions mean the same: by text, by tree, by the server."""
    from sessionaudit import deparse, normalise  # noqa: PLC0415

    answers: dict[int, Answer] = {}
    shadowed = _Shadowed(connection)
    for index, question in enumerate(questions):
        expected, actual = question.texts
        form = question.form
        if normalise.same_words(expected, actual) or (
            form.wrap is not None
            and normalise.same_meaning(
                expected,
                actual,
                wrap=form.wrap,
                schema=contract.schema,
                shadowed=shadowed,
                type_=form.context(question.expected) if form.context else None,
            )
        ):
            answers[index] = deparse.SAME
    still_open = [index for index in range(len(questions)) if index not in answers]
    if still_open and options.read_only:
        refused = deparse.Answer(deparse.Verdict.UNKNOWN, "--read-only forbids to ask the server")
        answers.update(dict.fromkeys(still_open, refused))
    elif still_open:
        settled = deparse.ask(
            connection,
            [questions[index] for index in still_open],
            schema=contract.schema,
            statement_timeout=options.bounded_timeout,
        )
        answers.update(zip(still_open, settled, strict=True))
    return [answers[index] for index in range(len(questions))]


class _Shadowed:
    """Whether pg_catalog has a function of one of these names; each name is asked for once."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._known: dict[str, bool] = {}

    def __call__(self, names: frozenset[str]) -> bool:
        import psycopg  # noqa: PLC0415 - loaded long ago, by the connection

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

"""Runs the audits into one Report."""

from __future__ import annotations

import datetime as dt
import threading
from concurrent.futures import Future, wait
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any, TypeVar

from sessionaudit.audits.schema.resolve import resolved
from sessionaudit.audits.selection import PROMISE, Looked, Selection, judged, refuse_slips, waiver_ref
from sessionaudit.contract import document, glimpse
from sessionaudit.contract.loader import outline
from sessionaudit.core.ref import ObjectRef
from sessionaudit.core.report import Report
from sessionaudit.errors import UsageError
from sessionaudit.kinds import KINDS
from sessionaudit.postgres.connection import broken, closing, connect, describe, hang_up, superuser
from sessionaudit.rulebook import EXPIRED, IDLE, MISNAMED, OF_ROWS, REFUSED, UNCERTAIN

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence
    from pathlib import Path

    from sessionaudit.audits.data.invariants import Rows
    from sessionaudit.contract.invariants import Invariant
    from sessionaudit.contract.loader import Outline
    from sessionaudit.contract.model import Contract
    from sessionaudit.core.finding import Finding, Rule
    from sessionaudit.core.kind import Kind, ObjectPath
    from sessionaudit.core.schema import Schema
    from sessionaudit.postgres.connection import Connection, Url
    from sessionaudit.postgres.trial import Answer, Question
    from sessionaudit.repair.proof import Refused

    Settle = Callable[[Sequence[Question]], Sequence[Answer]]
    Compare = Callable[[Contract, Schema, Settle, Callable[[], frozenset[str]]], tuple[Finding, ...]]

T = TypeVar("T")
_LEAST_SECONDS = 0.001
_USUAL_CONNECT = 0.5  # seconds; once the server is at work, the contract is read for nothing
_ALMIGHTY = (
    "the contract's SQL ran as {role}, a superuser, whom nothing is refused: for a contract that is not your own, "
    "name a role without rights with --role"
)
_UNTRIED = "not all that the contract says of missing objects was tried: {reason}"
_OWN_NAMES = """
select o.name::text
  from (select p.proname, p.pronamespace from pg_catalog.pg_proc p
         union select t.typname, t.typnamespace from pg_catalog.pg_type t
         union select l.collname, l.collnamespace from pg_catalog.pg_collation l
         union select c.relname, c.relnamespace from pg_catalog.pg_class c) o (name, schema)
 where o.schema = 'pg_catalog'::pg_catalog.regnamespace"""
_MOST_SECONDS = 2_000_000  # of 2,147,483, the most that PostgreSQL takes as a timeout


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """What a call asks for.

    `only` and `ignore` hold rules, codes or globs over objects. `read_only` forbids the temporary
    tables (rolled back) with which the server compares expressions. `statement_timeout` is in seconds.
    Without `data` the contract's invariants are left alone; `data_timeout` is for the count of one, in
    seconds, and `explain` asks for the plan of each. `fixes` adds to each finding the SQL that mends it.
    """

    only: tuple[str, ...] = ()
    ignore: tuple[str, ...] = ()
    read_only: bool = False
    statement_timeout: float = 30
    data: bool = True
    data_timeout: float = 60
    explain: bool = False
    fixes: bool = False

    @property
    def bounded_timeout(self) -> float:
        """The seconds that PostgreSQL is given, which must be a number that it takes."""
        return min(self.statement_timeout, _MOST_SECONDS)


@dataclass(frozen=True, slots=True, kw_only=True)
class Examination:
    """An audit with what it stands on: the contract, and what the database has of it.

    `found` is all that it found, whatever the call left out; `refused` are the objects of which the server refuses what
    the contract says.
    """

    report: Report
    contract: Contract
    actual: Schema
    found: tuple[Finding, ...] = ()
    refused: frozenset[ObjectRef] = frozenset()


def run(url: Url, contract: Path, options: Options) -> Report:
    """Hold a database against a contract; see `examine`."""
    return examine(url, contract, options).report


def examine(url: Url, contract: Path, options: Options) -> Examination:
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
    from sessionaudit.audits.schema import environment  # noqa: PLC0415 - loaded while the server is at work

    with closing(connection):
        actual = reading.result()
        declared = resolved(declared, actual)
        found, untried = _compared(connection, declared, actual, options)
        refused = frozenset(finding.ref for finding in found if finding.rule is REFUSED)
        around, unseen = environment.audit(connection, declared)
        found = (*found, *around)
        selection = Selection(only=options.only, ignore=options.ignore, schema=declared.schema)
        promises = [ObjectRef(PROMISE, (one.name,)) for one in declared.invariants]
        if not selection.everything:
            selection.require([*_refs(declared.objects, actual.objects), *promises])
            selection.require_something(_askable(declared, actual, options))
        rows = _rows(connection, declared, found, selection, options)
        wrong: list[Refused] = []
        if options.fixes and found:
            from sessionaudit.repair import proof  # noqa: PLC0415 - what is shown as SQL must be what it seems

            wrong = proof.refused(connection, declared, (finding.ref.path[:2] for finding in found))
            found = (*found, *_wrong(wrong, found))
        database, almighty = describe(connection), superuser(connection)
    everything = (*found, *rows.findings) if rows else found
    looked = _looked(declared, actual, rows, selection, options) if declared.waivers else None
    findings, waived = judged(everything, declared, selection, dt.datetime.now(tz=dt.UTC).date(), looked)
    if options.fixes:
        from sessionaudit.repair import plan  # noqa: PLC0415 - loads the cures, which a clean audit has no use for

        without = {one.ref.path[:2] for one in wrong}
        findings = plan.with_fixes(findings, declared, actual, without=without, refused=refused)
    report = Report(
        database=database,
        contract=str(contract),
        findings=findings,
        waived=waived,
        skipped=(*actual.skipped, *unseen, *(rows.skipped if rows else ())),
        checked={kind.name: _count(kind, declared, selection) for kind in KINDS if kind.name in actual.objects},
        filtered=not selection.everything,
        invariants=rows.counted if rows else 0,
        plans=rows.plans if rows else {},
        notes=tuple(filter(None, (_ALMIGHTY.format(role=almighty) if rows and almighty else "", untried))),
        uncounted=len(declared.invariants) - len(_promises(declared, selection, options)),
        next=_advice(findings, declared, actual, rows, selection),
    )
    return Examination(report=report, contract=declared, actual=actual, found=tuple(found), refused=refused)


def _compared(
    connection: Connection, declared: Contract, actual: Schema, options: Options
) -> tuple[tuple[Finding, ...], str]:
    """What differs, each with the definition of what is there, and what the server refuses of the contract.

    And a note where not all could be tried.
    """
    from sessionaudit.audits.schema import drift  # noqa: PLC0415 - loaded while the server is at work

    own_names = cache(lambda: _own_names(connection))
    comparing = _in_background(  # for libpq would not hear of Ctrl-C
        lambda: drift.compare(
            declared, actual, lambda questions: _settle(connection, declared, questions, options), own_names
        )
    )
    found = comparing.result()
    if not found:
        return (), ""
    from sessionaudit.audits.schema import definition  # noqa: PLC0415 - loads the cures, which a clean audit has no use for

    tried, untried = _tried(connection, declared, actual, found, options)
    return (*definition.defined(found, actual, declared.schema, own_names), *tried), untried


def _tried(
    connection: Connection, declared: Contract, actual: Schema, found: Sequence[Finding], options: Options
) -> tuple[Sequence[Finding], str]:
    """What the server refuses of what the contract says of missing objects; and a note where not all was tried."""
    if not any(one.subject and one.subject.expected is not None and one.subject.actual is None for one in found):
        return (), ""
    from sessionaudit.audits.schema import missing  # noqa: PLC0415 - loads the cures, for which nothing else here has a use

    trying = _in_background(  # for libpq would not hear of Ctrl-C
        lambda: missing.refused(connection, declared, actual, found, options)
    )
    tried = trying.result()
    return tried.findings, _UNTRIED.format(reason=tried.untried) if tried.untried else ""


def _wrong(wrong: Iterable[Refused], found: Sequence[Finding]) -> Iterable[Finding]:
    """Findings for what the server refuses of the contract, where none is among those that were found."""
    from sessionaudit.audits.schema import refusals  # noqa: PLC0415 - loaded long ago, by drift

    known = {(finding.ref, finding.facet) for finding in found if finding.rule is REFUSED}
    for ref, facet, error in wrong:
        if (ref, facet) not in known:
            yield refusals.of_error(ref, facet, error, None)


def _looked(declared: Contract, actual: Schema, rows: Rows | None, selection: Selection, options: Options) -> Looked:
    """What was looked at, for the waivers: the schema is whole whatever is selected of it, the rows are not."""
    promises = (ObjectRef(PROMISE, (one.name,)) for one in declared.invariants)
    whole = not (actual.skipped or (rows and rows.skipped))
    counted = options.data and selection.everything
    return Looked((*_refs(declared.objects, actual.objects), *promises), rows=whole and counted, whole=whole)


def _advice(
    findings: Sequence[Finding], declared: Contract, actual: Schema, rows: Rows | None, selection: Selection
) -> tuple[str, ...]:
    if not (findings or (rows and rows.unfit)):
        return ()
    from sessionaudit.repair import advice  # noqa: PLC0415 - a clean audit has no use for it

    mendable, unfit = (rows.mendable, rows.unfit) if rows else ((), False)
    return advice.commands(
        findings,
        declared,
        actual,
        mendable,
        filtered=not selection.everything,
        unfit=unfit,
        asked=selection.names_itself,
    )


def _promises(declared: Contract, selection: Selection, options: Options) -> list[Invariant]:
    """The invariants that the call asks for."""
    rules = (*OF_ROWS, REFUSED)
    asked = declared.invariants if options.data else ()
    return [one for one in asked if selection.asks(ObjectRef(PROMISE, (one.name,)), rules)]


def _rows(
    connection: Connection, declared: Contract, found: Sequence[Finding], selection: Selection, options: Options
) -> Rows | None:
    """What the rows say, where the contract has invariants and the call asks for them."""
    wanted = _promises(declared, selection, options)
    if not wanted:
        return None
    from sessionaudit.audits.data import invariants  # noqa: PLC0415 - not every contract has them

    timeout = min(options.data_timeout, _MOST_SECONDS)
    counting = _in_background(  # for libpq would not hear of Ctrl-C
        lambda: invariants.audit(connection, declared, wanted, found, timeout=timeout, explain=options.explain)
    )
    return counting.result()


def _refs(*sides: Mapping[str, Mapping[ObjectPath, object]]) -> Iterable[ObjectRef]:
    return (ObjectRef(kind, path) for side in sides for kind, paths in side.items() for path in paths)


def _rules_of(kind: Kind[Any]) -> tuple[Rule, ...]:
    """Every rule that a finding on an object of a kind can have."""
    return (*kind.rules, UNCERTAIN, *((MISNAMED,) if kind.misnamed else ()))


def _askable(declared: Contract, actual: Schema, options: Options) -> Iterable[tuple[ObjectRef, Iterable[Rule]]]:
    """What an audit of everything would look at, with the rules for each."""
    from sessionaudit.audits.schema import drift  # noqa: PLC0415 - loaded long ago, by the comparison

    for kind in KINDS:
        rules, known = _rules_of(kind), declared.objects[kind.name]
        yield from ((ObjectRef(kind.name, path), rules) for path in known)
        found = [*(path for path in actual.objects.get(kind.name, ()) if path not in known)]
        if kind.within and (kind.unexpected or kind.harmful):  # what may turn up on any table is looked for
            found += [(*holder, "*") for holder in declared.objects[kind.within]]
        yield from ((ObjectRef(kind.name, path), rules) for path in found if drift.judges(declared, kind, path))
    yield from ((waiver_ref(one), (EXPIRED, IDLE)) for one in declared.waivers)
    for one in declared.invariants if options.data else ():
        yield ObjectRef(PROMISE, (one.name,)), OF_ROWS


def _count(kind: Kind[Any], declared: Contract, selection: Selection) -> int:
    paths = declared.objects[kind.name]
    if selection.everything:
        return len(paths)
    rules = _rules_of(kind)
    return sum(selection.asks(ObjectRef(kind.name, path), rules) for path in paths)


def _read(connection: Connection, outlined: Future[Outline], guess: Sequence[ObjectPath], timeout: float) -> Schema:
    from sessionaudit.postgres import catalog  # noqa: PLC0415 - loads psycopg, which takes its time

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
    from sessionaudit.postgres import trial as deparse  # noqa: PLC0415
    from sessionaudit.sql import equality  # noqa: PLC0415

    answers: dict[int, Answer] = {}
    shadowed = _Shadowed(connection)
    for index, question in enumerate(questions):
        expected, actual = question.texts
        form = question.form
        if equality.same_words(expected, actual) or (
            form.wrap is not None
            and equality.same_meaning(
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


def _own_names(connection: Connection) -> frozenset[str]:
    """All names of pg_catalog, which a name without a schema means before any other."""
    import psycopg  # noqa: PLC0415 - loaded long ago, by the connection

    try:
        return frozenset(row[0] for row in connection.execute(_OWN_NAMES))
    except psycopg.Error as error:
        raise broken(error, "reading the catalogs") from None


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

"""Run the audits, and build one Report. Names no audit."""

from __future__ import annotations

import datetime as dt
import threading
from concurrent.futures import Future, wait
from contextlib import contextmanager
from functools import partial
from importlib import import_module
from typing import TYPE_CHECKING, TypeVar

from msgspec import Struct
from msgspec.structs import replace

from sessionaudit.audits import AUDITS
from sessionaudit.audits.audit import Audit, Context, Looked, Needs, Options, Read
from sessionaudit.audits.causes import linked
from sessionaudit.audits.selection import Coverage, Selection, judged, refuse_slips, waiver_ref
from sessionaudit.audits.unsaid import with_unsaid
from sessionaudit.contract import first_look, yaml_reader
from sessionaudit.contract.loader import outline
from sessionaudit.contract.resolve import resolved
from sessionaudit.core.ref import ObjectRef
from sessionaudit.core.report import Outcome, Report
from sessionaudit.core.schema import Schema
from sessionaudit.core.underway import UNDERWAY
from sessionaudit.errors import UsageError
from sessionaudit.postgres.connection import closing, connect, describe, hang_up
from sessionaudit.rulebook import EXPIRED, IDLE, REFUSED

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterable, Mapping, Sequence
    from pathlib import Path

    from sessionaudit.contract.loader import Outline
    from sessionaudit.contract.model import Contract
    from sessionaudit.core.checklist import ProvenPoint
    from sessionaudit.core.finding import Finding, Rule, Waiver
    from sessionaudit.core.kind import ObjectPath
    from sessionaudit.core.report import Database
    from sessionaudit.postgres.connection import Connection, Url

T = TypeVar("T")
_LEAST_SECONDS = 0.001
_USUAL_CONNECT = 0.5  # seconds; while the server works, reading the contract costs no extra time
_NOTHING = Schema(objects={}, schemas=frozenset())


class Examination(Struct, frozen=True, kw_only=True):
    """A report with its basis: the contract, and the existing objects that it names.

    `selection` is what the options select. `found` holds all findings, including those that the options leave out.
    `refused` are the objects whose definition in the contract the server rejects.
    """

    report: Report
    contract: Contract
    actual: Schema
    selection: Selection
    found: tuple[Finding, ...] = ()
    refused: frozenset[ObjectRef] = frozenset()


def audits() -> tuple[Audit, ...]:
    """Return the audits, in the order in which they run."""
    return tuple(import_module(f"sessionaudit.audits.{name}.audit").AUDIT for name in AUDITS)


def run(url: Url, contract: Path, options: Options) -> Report:
    """Audit a database by a contract; see `examine`."""
    return examine(url, contract, options).report


def examine(url: Url, contract: Path, options: Options) -> Examination:
    """Audit a database by a contract; see `examining`."""
    with examining(url, contract, options) as (examination, _):
        return examination


@contextmanager
def examining(url: Url, contract: Path, options: Options) -> Generator[tuple[Examination, Connection | None]]:
    """Audit a database by a contract, and leave the connection open for the block.

    The connection is None if no audit needs one.

    The database is read in one read-only snapshot. Raises UsageError and ContractError if the options or the contract
    are wrong, DatabaseError if the database cannot be reached or fails during the audit.
    """
    if not options.statement_timeout >= _LEAST_SECONDS:  # this form refuses NaN too
        raise UsageError(f"--statement-timeout must be at least {_LEAST_SECONDS} seconds")
    refuse_slips((*options.only, *options.ignore))
    known = audits()
    if not any(Needs.DATABASE in audit.needs for audit in known if audit.name not in options.without):
        source = yaml_reader.read(contract)
        yield _examine(known, outline(source, str(contract)).declare(), None, options), None
        return
    connecting = in_background(lambda: connect(url))
    try:
        source = yaml_reader.read(contract)
        guess = first_look.relations(source)
        wait([connecting], timeout=_USUAL_CONNECT)
        outlined: Future[Outline] = Future()
        reading = in_background(lambda: _read(connecting.result(), outlined, guess, options.statement_timeout))
        try:
            outlined.set_result(outline(source, str(contract)))
        except BaseException as error:
            outlined.set_exception(error)
            raise
        declared = outlined.result().declare()
        connection = connecting.result()
    except BaseException:
        in_background(lambda: hang_up(connecting.result()))  # when it has been established
        raise
    with closing(connection):
        _load(known, declared, options)
        actual = reading.result()
        yield _examine(known, resolved(declared, actual), Read(connection, actual), options), connection


def _load(known: Sequence[Audit], contract: Contract, options: Options) -> None:
    """Import, while the server answers, what is needed when it has answered."""
    asked = (audit for audit in known if audit.name not in options.without and audit.applies(contract))
    for module in (*(module for audit in asked for module in audit.modules), *options.modules):
        import_module(module)


def held_against(text: str, file: str, database: Read, options: Options) -> Examination:
    """Hold what was read of a database against the text of a contract, which `file` stands for in messages."""
    return held(outline(text, file), database, options)


def held(outlined: Outline, database: Read, options: Options) -> Examination:
    """Hold what was read of a database against a contract of which the names are known."""
    return _examine(audits(), resolved(outlined.declare(), database.actual), database, options)


def _examine(known: Sequence[Audit], contract: Contract, database: Read | None, options: Options) -> Examination:
    if options.checklist and not contract.checklist:
        raise UsageError(
            f"{contract.file} has no checklist", hint="State what must be true, and what proves it, under “checklist:”."
        )
    actual = database.actual if database else _NOTHING
    wanted = Needs.FILES | Needs.SERVER
    idle = frozenset(one.name for one in known if not one.applies(contract))
    known = [one for one in known if one.name not in idle and (options.files or not one.needs & wanted)]
    selection = Selection(only=options.only, ignore=options.ignore, schema=contract.schema)
    context = Context(contract=contract, database=database, selection=selection, options=options)
    asked = [audit for audit in known if audit.name not in options.without]
    if not selection.everything:
        every = (one.ref for audit in known for one in _subjects(audit, context))
        selection.require((*_refs(contract.objects, actual.objects), *every))
        selection.require_something(_askable(asked, context))
    for audit in known:
        if audit in asked:
            with UNDERWAY.doing(f"auditing: {audit.name}"):
                outcome = in_background(partial(audit.run, context)).result()  # libpq does not react to Ctrl-C
            found = tuple(replace(finding, audit=audit.name) for finding in outcome.findings)
            context.outcomes.append(replace(outcome, findings=found))
        else:
            left_out = sum(1 for _ in _subjects(audit, context))
            context.outcomes.append(Outcome(audit=audit.name, noun=audit.noun, left_out=left_out))
    refused = frozenset(finding.ref for finding in context.found if finding.rule is REFUSED)
    unread: tuple[Finding, ...] = ()
    where: Database | None = None
    if database:
        if options.fixes and context.found:
            unread = options.fixes.unread(database.connection, contract, context.found)
        where = describe(database.connection)
    coverage = _coverage(known, idle, context, actual) if contract.waivers else None
    today = dt.datetime.now(tz=dt.UTC).date()
    findings, waived = judged((*context.found, *unread), contract, selection, today, coverage)
    findings, circles = linked(findings)
    if options.fixes:
        findings = options.fixes.added(findings, contract, actual, refused)
    checklist: tuple[ProvenPoint, ...] = ()
    if contract.checklist:
        found = (*context.found, *unread)
        checklist = _checklist(known, context, found, findings, waived)
    report = Report(
        database=where,
        contract=contract.file,
        findings=findings,
        waived=waived,
        outcomes=tuple(_outcomes(known, context, (*findings, *(finding for finding, _ in waived)))),
        filtered=not selection.everything,
        selected=selection.words,
        checklist=checklist,
        circles=circles,
    )
    return Examination(
        report=report,
        contract=contract,
        actual=actual,
        selection=selection,
        found=(*context.found, *unread),
        refused=refused,
    )


def _outcomes(known: Sequence[Audit], context: Context, shown: Sequence[Finding]) -> Iterable[Outcome]:
    """Return the outcomes, which then tell of which objects not all is said."""
    for audit, outcome in zip(known, context.outcomes, strict=True):
        rules = {one.ref: one.rules for one in _subjects(audit, context)} if not context.selection.everything else {}
        yield with_unsaid(outcome, context.contract, context.selection, shown, rules.get)


def _checklist(
    known: Sequence[Audit],
    context: Context,
    found: Sequence[Finding],
    findings: Sequence[Finding],
    waived: Sequence[tuple[Finding, Waiver]],
) -> tuple[ProvenPoint, ...]:
    from sessionaudit.audits import checklist  # noqa: PLC0415 - not every contract has one

    by_name = {audit.name: audit for audit in known}
    audited = checklist.AuditedContract(
        contract=context.contract,
        selection=context.selection,
        outcomes={outcome.audit: outcome for outcome in context.outcomes},
        found=found,
        findings=findings,
        waived=waived,
        subjects=lambda name: _subjects(by_name[name], context),
    )
    return checklist.proven(audited)


def _subjects(audit: Audit, context: Context) -> Iterable[Looked]:
    """Return what an audit examines, as far as that is known; there may be no database."""
    return audit.subjects(context) if context.database or Needs.DATABASE not in audit.needs else ()


def _coverage(known: Sequence[Audit], idle: frozenset[str], context: Context, actual: Schema) -> Coverage:
    """Return what was examined, for the waivers. An object that could not be examined may explain a missing finding.

    The `idle` audits have nothing to examine, and so have left nothing out.
    """
    subjects = [(audit.name, one.ref) for audit in known for one in _subjects(audit, context)]
    subjects += [(AUDITS[0], ref) for ref in _refs(context.contract.objects, actual.objects)]
    skipped = any(outcome.skipped for outcome in context.outcomes)
    whole = frozenset(outcome.audit for outcome in context.outcomes if outcome.whole and not skipped)
    return Coverage(tuple(subjects), whole | idle)


def _refs(*sides: Mapping[str, Mapping[ObjectPath, object]]) -> Iterable[ObjectRef]:
    return (ObjectRef(kind, path) for side in sides for kind, paths in side.items() for path in paths)


def _askable(asked: Sequence[Audit], context: Context) -> Iterable[tuple[str, ObjectRef, Iterable[Rule]]]:
    """Return what an audit of everything examines, with the rules for each object."""
    yield from ((audit.name, one.ref, one.rules) for audit in asked for one in _subjects(audit, context))
    yield from ((AUDITS[0], waiver_ref(one), (EXPIRED, IDLE)) for one in context.contract.waivers)


def _read(
    connection: Connection, outlined: Future[Outline], guess: Mapping[str, Sequence[ObjectPath]], timeout: float
) -> Schema:
    from sessionaudit.postgres import catalog  # noqa: PLC0415 - loads psycopg, which takes its time

    return catalog.read(connection, outlined.result, guess=guess, statement_timeout=timeout)


def in_background(call: Callable[[], T]) -> Future[T]:
    """Run a function in a background thread, which does not keep the process alive."""
    outcome: Future[T] = Future()

    def run_it() -> None:
        try:
            outcome.set_result(call())
        except BaseException as error:
            outcome.set_exception(error)

    threading.Thread(target=run_it, daemon=True).start()
    return outcome

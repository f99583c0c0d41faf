"""Hold what was read of a database against a contract: run the audits, and build one Report. Names no audit."""

from __future__ import annotations

import datetime as dt
from functools import partial
from importlib import import_module
from typing import TYPE_CHECKING

from msgspec import Struct
from msgspec.structs import replace

from sessionaudit.audits import AUDITS
from sessionaudit.audits.audit import Audit, Context, Looked, Needs, Options, Read
from sessionaudit.audits.causes import linked
from sessionaudit.audits.selection import Coverage, Selection, judged, waiver_ref
from sessionaudit.audits.unsaid import with_unsaid
from sessionaudit.contract.loader import outline
from sessionaudit.contract.resolve import resolved
from sessionaudit.core.background import in_background
from sessionaudit.core.ref import ObjectRef
from sessionaudit.core.report import Outcome, Report
from sessionaudit.core.schema import Schema
from sessionaudit.core.underway import UNDERWAY
from sessionaudit.errors import UsageError
from sessionaudit.postgres.connection import describe
from sessionaudit.rulebook import EXPIRED, IDLE, REFUSED

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from sessionaudit.contract.loader import Outline
    from sessionaudit.contract.model import Contract
    from sessionaudit.core.checklist import ProvenPoint
    from sessionaudit.core.finding import Finding, Rule, Waiver
    from sessionaudit.core.kind import ObjectPath
    from sessionaudit.core.report import Database

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


def held_against(text: str, file: str, database: Read, options: Options) -> Examination:
    """Hold what was read of a database against the text of a contract, which `file` stands for in messages."""
    return held(outline(text, file), database, options)


def held(outlined: Outline, database: Read, options: Options) -> Examination:
    """Hold what was read of a database against a contract of which the names are known."""
    return examined(resolved(outlined.declare(), database.actual), database, options)


def examined(contract: Contract, database: Read | None, options: Options) -> Examination:
    """Run the audits. The database is None if no audit needs one."""
    if options.checklist and not contract.checklist:
        raise UsageError(
            f"{contract.file} has no checklist", hint="State what must be true, and what proves it, under “checklist:”."
        )
    every = audits()
    actual = database.actual if database else _NOTHING
    wanted = Needs.FILES | Needs.SERVER
    idle = frozenset(one.name for one in every if not one.applies(contract))
    known = [one for one in every if one.name not in idle and (options.files or not one.needs & wanted)]
    selection = Selection(only=options.only, ignore=options.ignore, schema=contract.schema)
    context = Context(contract=contract, database=database, selection=selection, options=options)
    asked = [audit for audit in known if audit.name not in options.without]
    if not selection.everything:
        refs = (one.ref for audit in known for one in _subjects(audit, context))
        selection.require((*_refs(contract.objects, actual.objects), *refs))
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

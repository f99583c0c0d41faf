"""Audit the schema: do the objects exist, and are they as declared?"""

from __future__ import annotations

from functools import cache, partial
from typing import TYPE_CHECKING, Any

from sessionaudit.audits.audit import Audit, Context, Looked, Needs
from sessionaudit.audits.schema.rules import REPLICATION_ROLE
from sessionaudit.core.ref import ObjectRef
from sessionaudit.core.report import Outcome
from sessionaudit.kinds import KINDS
from sessionaudit.rulebook import MISNAMED, NO_SCHEMA, REFUSED, UNCERTAIN, UNEXPECTED

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from sessionaudit.contract.model import Contract
    from sessionaudit.core.finding import Finding, Rule
    from sessionaudit.core.kind import Kind
    from sessionaudit.core.report import ObjectReference, Report
    from sessionaudit.core.schema import Schema

_UNTRIED = "the definitions of some missing objects were not tried: {reason}"


def _run(context: Context) -> Outcome:
    from sessionaudit.audits.schema import drift, environment, spellings  # noqa: PLC0415 - while the server is at work
    from sessionaudit.audits.schema.compared import compared  # noqa: PLC0415 - the same

    contract, (connection, actual) = context.contract, context.read
    own_names = cache(lambda: spellings.own_names(connection))
    found = drift.compare(
        contract,
        actual,
        lambda questions: spellings.settle(connection, contract, questions, context.options),
        own_names,
        whole=context.options.whole,
    )
    untried = ""
    if found:
        from sessionaudit.audits.schema import definition  # noqa: PLC0415 - a clean audit has no use for it

        tried, untried = _tried(context, found)
        found = (*definition.defined(found, actual, contract.schema, own_names), *tried)
    around, unseen = environment.audit(connection, contract)
    return Outcome(
        audit=AUDIT.name,
        noun=AUDIT.noun,
        findings=(*found, *around),
        skipped=(*actual.skipped, *unseen),
        checked={kind.name: _count(kind, context) for kind in KINDS if kind.name in actual.objects},
        notes=(_UNTRIED.format(reason=untried),) if untried else (),
        whole=True,
        looked_at=lambda: compared(contract, actual),
        references=partial(_references, contract, actual),
    )


def _references(contract: Contract, actual: Schema, report: Report) -> Iterable[ObjectReference]:
    from sessionaudit.audits.schema.references import references  # noqa: PLC0415 - few formats ask for it

    return references(contract, actual, report)


def _tried(context: Context, found: Sequence[Finding]) -> tuple[Sequence[Finding], str]:
    """Return findings on definitions of missing objects that the server rejects, and why some were not tried."""
    if not any(one.subject and one.subject.expected is not None and one.subject.actual is None for one in found):
        return (), ""
    from sessionaudit.audits.schema import trial_of_missing  # noqa: PLC0415 - loads the cures, for which nothing else has a use

    connection, actual = context.read
    tried = trial_of_missing.refused(connection, context.contract, actual, found, context.options)
    return tried.findings, tried.untried


def _rules_of(kind: Kind[Any]) -> frozenset[Rule]:
    """Return every rule that a finding on an object of a kind can have."""
    own = ((MISNAMED,) if kind.misnamed else ()) + (() if kind.unexpected else (UNEXPECTED,))
    return frozenset((*kind.rules, UNCERTAIN, REFUSED, NO_SCHEMA, *own))


def _subjects(context: Context) -> Iterable[Looked]:
    from sessionaudit.audits.schema import drift, environment  # noqa: PLC0415 - loaded by the audit in any case

    contract, present = context.contract, context.read.actual.objects
    for kind in KINDS:
        rules, known = _rules_of(kind), contract.objects[kind.name]
        found = [*(path for path in present.get(kind.name, ()) if path not in known)]
        if kind.within and (kind.unexpected or kind.harmful):  # unexpected objects are looked for on every table
            found += [(*holder, "*") for name in kind.within for holder in contract.objects[name]]
        judged = (path for path in found if drift.judges(contract, kind, path))
        yield from (Looked(ObjectRef(kind.name, path), rules) for path in (*known, *judged))
    yield Looked(environment.REF, frozenset({REPLICATION_ROLE}))


def _count(kind: Kind[Any], context: Context) -> int:
    paths = context.contract.objects[kind.name]
    if context.selection.everything:
        return len(paths)
    rules = _rules_of(kind)
    return sum(context.selection.asks(AUDIT.name, ObjectRef(kind.name, path), rules) for path in paths)


_MODULES = ("compared", "drift", "environment", "spellings")
_MODULES_OF_FINDINGS = ("definition", "trial_of_missing")
AUDIT = Audit(
    name="schema",
    noun="object",
    needs=Needs.DATABASE,
    subjects=_subjects,
    run=_run,
    modules=tuple(f"{__package__}.{name}" for name in _MODULES),
    modules_of_findings=tuple(f"{__package__}.{name}" for name in _MODULES_OF_FINDINGS),
)

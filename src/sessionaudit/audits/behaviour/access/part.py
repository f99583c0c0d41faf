"""The part of the behaviour audit about access."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sessionaudit.audits.audit import Looked
from sessionaudit.audits.behaviour.access.rules import CAPTURED, RULES
from sessionaudit.audits.behaviour.access.wanted import is_stated, stated_objects
from sessionaudit.audits.behaviour.part import BehaviourPart
from sessionaudit.core.ref import ObjectRef
from sessionaudit.core.report import Outcome

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from sessionaudit.audits.audit import Context
    from sessionaudit.audits.behaviour.access.examining import AccessExamined
    from sessionaudit.audits.behaviour.access.wanted import WantedObject
    from sessionaudit.core.report import ReportTable

NAME, NOUN, PROBE = "behaviour", "probe", "access"
_RULES = frozenset(RULES)
_OF_POLICIES = frozenset({CAPTURED})


def _subjects(context: Context) -> Iterable[Looked]:
    wanted = stated_objects(context.contract)
    yield from subjects_of(wanted)
    paths = list(context.read.actual.objects.get("policy", {})) if context.database else []
    relations = {one.path for one in wanted if one.is_relation}
    yield from (Looked(ObjectRef("policy", path), _OF_POLICIES) for path in paths if path[:2] in relations)


def subjects_of(wanted: Sequence[WantedObject]) -> Iterable[Looked]:
    """Return what is examined: each role's access to each object."""
    for one in wanted:
        yield from (Looked(ObjectRef(PROBE, (*one.path, role)), _RULES) for role in one.roles)


def _run(context: Context) -> Outcome:
    from sessionaudit.audits.behaviour.access.examining import examine_access  # noqa: PLC0415 - not every contract

    wanted = stated_objects(context.contract)
    asked = [one for one in wanted if any(context.selection.asks(NAME, *look) for look in subjects_of([one]))]
    left_out = _cells(wanted) - _cells(asked)
    if not asked:
        return Outcome(audit=NAME, noun=NOUN, left_out=left_out, whole=not left_out)
    timeout = context.options.statement_timeout
    examined = examine_access(context.read.connection, context.contract, asked, timeout=timeout)
    return outcome_of(examined, left_out)


def _cells(wanted: Sequence[WantedObject]) -> int:
    return sum(len(one.roles) * len(one.commands) for one in wanted)


def outcome_of(examined: AccessExamined, left_out: int = 0) -> Outcome:
    """Return the outcome of an examination."""
    from sessionaudit.audits.behaviour.access.finding_of import access_ref  # noqa: PLC0415 - not every contract

    return Outcome(
        audit=NAME,
        noun=NOUN,
        findings=examined.findings,
        skipped=examined.skipped,
        checked={PROBE: examined.checked},
        left_out=left_out,
        undecided=examined.undecided,
        whole=not left_out,
        looked_at=lambda: (access_ref(row.wanted.path, role) for row in examined.rows for role in row.cells),
        tables=lambda _: _tables(examined),
    )


def _tables(examined: AccessExamined) -> Iterable[ReportTable]:
    from sessionaudit.audits.behaviour.access.matrix import matrix  # noqa: PLC0415 - few formats ask for it

    return matrix(examined)


PART = BehaviourPart(applies=is_stated, subjects=_subjects, run=_run)

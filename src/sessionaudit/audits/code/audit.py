"""Audit the code: does it name what the database has, and does it notice when a call fails?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sessionaudit.audits.audit import Audit, Context, Looked, Needs
from sessionaudit.audits.code.rules import RULES
from sessionaudit.core.ref import ObjectRef
from sessionaudit.core.report import Outcome

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sessionaudit.audits.code.examination import CodeExamination

_RULES = frozenset(RULES)
NAME, NOUN = "code", "call"


def _run(context: Context) -> Outcome:
    declared = context.contract.code
    if declared is None or not any(context.selection.asks(NAME, one.ref, one.rules) for one in _subjects(context)):
        return Outcome(audit=NAME, noun=NOUN, whole=context.selection.everything)
    from sessionaudit.audits.code.examination import examine_code  # noqa: PLC0415 - not every contract has it
    from sessionaudit.audits.code.live import judging  # noqa: PLC0415

    connection, timeout = context.read.connection, context.options.statement_timeout
    return outcome_of(examine_code(context.contract, judging(connection, context.contract, declared, timeout=timeout)))


def outcome_of(examined: CodeExamination) -> Outcome:
    """Return the outcome of an examination."""
    return Outcome(
        audit=NAME,
        noun=NOUN,
        findings=examined.findings,
        skipped=examined.skipped,
        checked={NOUN: examined.calls},
        undecided=examined.undecided,
        examined=examined.files,
        whole=True,
    )


def _subjects(context: Context) -> Iterable[Looked]:
    """The paths of the code; the files below them only where something is named."""
    declared = context.contract.code
    if declared is None:
        return
    yield from (Looked(ObjectRef("code", (str(path),)), _RULES) for path in declared.paths)
    if not context.selection.everything or context.contract.waivers:
        from sessionaudit.audits.code.examination import files_of  # noqa: PLC0415 - only where something is named

        yield from (Looked(ref, _RULES) for ref in files_of(context.contract))


AUDIT = Audit(
    name=NAME,
    noun=NOUN,
    needs=Needs.DATABASE | Needs.FILES,
    subjects=_subjects,
    run=_run,
    applies=lambda contract: contract.code is not None,
)

"""Audit the code: does it name what the database has, and does it notice when a call fails?"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from sessionaudit.audits.audit import Audit, Context, Looked, Needs
from sessionaudit.audits.code.rules import OF_ROLES, RULES
from sessionaudit.audits.code.tree import file_ref
from sessionaudit.core.counting import counted
from sessionaudit.core.ref import ObjectRef
from sessionaudit.core.report import Outcome, Unproven

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from sessionaudit.audits.code.examination import CodeExamination

_RULES = frozenset(RULES)
NAME, NOUN = "code", "call"


def _run(context: Context) -> Outcome:
    declared = context.contract.code
    if declared is None or not any(context.selection.asks(NAME, one.ref, one.rules) for one in _subjects(context)):
        return Outcome(audit=NAME, noun=NOUN, whole=context.selection.everything)
    from sessionaudit.audits.code.examination import examine_code  # noqa: PLC0415 - not every contract has it
    from sessionaudit.audits.code.live import judging  # noqa: PLC0415 - the same

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
        looked_at=examined.files,
        searched=examined.tree.searched,
        notes=examined.notes,
        unproven=(*(Unproven(OF_ROLES, note) for note in examined.notes), *_silenced(examined)),
        whole=True,
        examined=_counts(examined),
        told=_told(examined),
    )


def _silenced(examined: CodeExamination) -> Iterator[Unproven]:
    """Say which rules would find something that comments suppress."""
    for rule, files in examined.silenced.items():
        why = f"comments in the code suppress {counted(len(files), 'finding')} of {rule.name}"
        yield Unproven(frozenset({rule}), why, about=tuple(map(file_ref, files)))


def _counts(examined: CodeExamination) -> dict[str, int | dict[str, int]]:
    return {
        "files": examined.read.looked,
        "files_with_calls": len(examined.read.files),
        "calls": examined.calls,
        "proven": examined.proven,
        "faulty": examined.faulty,
        "not_known": dict(Counter(one.reason for one in examined.undecided).most_common()),
        "failures_ignored": examined.failures,
        "suppressed": examined.suppressed,
    }


def _told(examined: CodeExamination) -> str:
    """The counts in a sentence or two."""
    rest = examined.calls - examined.proven - examined.faulty
    looked, read = counted(examined.read.looked, "file"), len(examined.read.files)
    files = looked if read == examined.read.looked else f"{read:,} of {looked}"
    parts = [f"{examined.proven:,} proven to fit the database", f"{examined.faulty:,} with faults"]
    parts += [f"{rest:,} judged in part"] if rest else []
    said = f"Code: {counted(examined.calls, 'call')} in {files}: {', '.join(parts)}."
    if examined.failures:
        said += f" {counted(examined.failures, 'failure')} would go unnoticed."
    if examined.suppressed:
        said += f" Comments suppress {counted(examined.suppressed, 'finding')}."
    return said


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
    command="scan",
)

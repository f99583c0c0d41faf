"""What to type next, after a look at migrations."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from msgspec.structs import replace

from sessionaudit.audits.migrations.rules import BLOCKED, NOT_THERE, REJECTED, SKIPPED, UNRECORDED
from sessionaudit.core.counting import counted
from sessionaudit.core.finding import Severity
from sessionaudit.core.printed_commands import CALLING, PARTS
from sessionaudit.core.report import ManualStep, read_on

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sessionaudit.audits.migrations.session import MigrationsReport
    from sessionaudit.core.finding import Finding
    from sessionaudit.repair.migration_script import MigrationScript

_MANY = 10  # findings, from which on it is told what they follow from
_MOST = 3
_OF_A_PAGE = (
    *("format_", "output", "fail_on", "baseline", "only", "ignore", "file", "changed_since", "allow", "yes"),
    *("no_color", "quiet", "verbose"),
)
_LOOKING: dict[str, tuple[str, ...]] = {"allow": (), "yes": ()}  # a look corrects no ledger
_FOLLOWING = frozenset((BLOCKED, NOT_THERE, SKIPPED, UNRECORDED))


def with_advice(found: MigrationsReport) -> MigrationsReport:
    """Return the report with the commands to type next, and with what a person does by hand."""
    report = replace(found.report, next=tuple(filter(None, _next(found))), by_hand=tuple(_by_hand(found)))
    return replace(found, report=report)


def _next(found: MigrationsReport) -> Iterator[str]:
    """Look at a rejected file alone; make what is missing: as the contract names it, or as the migration does."""
    rejected = _rejected(found)
    if rejected and rejected.location and not found.detailed:
        yield CALLING.again("--file", rejected.location.file, instead=_LOOKING)
    lacking = [(one, finding) for one in found.migrations for finding in one.findings if finding.rule is NOT_THERE]
    if any(found.names(ref) for _, finding in lacking for ref in finding.explains):
        yield CALLING.line("repair", without=PARTS)
    unnamed = [one for one, finding in lacking if not any(map(found.names, finding.explains))]
    if unnamed and found.report.database:
        yield CALLING.again("--sql", unnamed[0].version or unnamed[0].name, instead=dict.fromkeys(_OF_A_PAGE, ()))


def _by_hand(found: MigrationsReport) -> Iterator[ManualStep]:
    """Correct the rejected file that was looked at, and read what to do about the rest."""
    if found.detailed and _rejected(found) and (again := CALLING.again(instead={"file": (), **_LOOKING})):
        yield ManualStep("After correcting the file", again)
    others = [one for one in found.report.findings if one.rule not in {REJECTED, NOT_THERE, BLOCKED}]
    worst = max((one.severity for one in others), default=Severity.NOTE)
    if worst > Severity.NOTE:
        yield from read_on(one.rule for one in others if one.severity is worst)


def _rejected(found: MigrationsReport) -> Finding | None:
    """The first file that is rejected, in the order in which they run; one of which all is there only after these."""
    findings = [finding for one in found.migrations for finding in one.findings if finding.rule is REJECTED]
    return max(findings, key=lambda one: one.severity, default=None)


def causes_sentence(found: MigrationsReport) -> str:
    """Return how many of many findings follow from how many, and from which most do; "" where there are few."""
    findings = found.report.findings
    rejected = {finding.ref: finding for finding in findings if finding.rule is REJECTED}
    roots = {ref: finding for finding in reversed([*rejected.values()]) for ref in finding.explains} | rejected
    follow = Counter(roots[one.ref].holder for one in findings if one.rule in _FOLLOWING and one.ref in roots)
    if len(findings) < _MANY or follow.total() < 2:
        return ""
    most = [f"{holder} ({number})" for holder, number in follow.most_common(_MOST)]
    more = f" and {counted(len(follow) - _MOST, 'other')}" if len(follow) > _MOST else ""
    files = "a file that is rejected" if len(follow) == 1 else "files that are rejected"
    causes = counted(len(follow), "cause")
    return f"{follow.total()} of {len(findings)} findings follow from {causes}, {files}: {', '.join(most)}{more}."


def script_sentences(made: MigrationScript) -> Iterator[str]:
    """Return what a script has, and what of the migration it does not have."""
    plan, name = made.proposal.plan, made.migration.version or made.migration.name
    if made.is_empty:
        yield f"Nothing of the migration {name} is missing that can be seen: there is nothing to do."
        return
    held = f", {len(plan.held)} held back" if plan.held else ""
    yield f"{counted(len(plan.steps), 'step')}{held}."
    yield from (f"Not in the script: {reason}" for reason in made.left_out)
    for held_back in plan.held:
        yield f"Held back: {held_back.step.action}, because {held_back.reason}. {held_back.advice}".strip()
    for uncured in plan.uncured:
        yield f"Not in the script: {uncured.finding.message} {uncured.help}".strip()
    for what, help_ in made.proposal.preflight.refusals:
        yield f"In the way: {what}. {help_}".strip()

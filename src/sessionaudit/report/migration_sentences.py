"""What to type next, after a look at migrations."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from sessionaudit.audits.migrations.rules import BLOCKED, NOT_THERE, REJECTED, SKIPPED, UNRECORDED
from sessionaudit.core.counting import counted
from sessionaudit.core.printed_commands import CALLING, PARTS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sessionaudit.audits.migrations.session import MigrationsReport
    from sessionaudit.repair.migration_script import MigrationScript

_MANY = 10  # findings, from which on it is told what they follow from
_MOST = 3
_FOLLOWING = frozenset((BLOCKED, NOT_THERE, SKIPPED, UNRECORDED))


def next_commands(found: MigrationsReport) -> tuple[str, ...]:
    """Return the commands: look at a rejected file alone; have `repair` make what the contract names."""
    rules = {finding.rule for finding in found.report.findings}
    lines: list[str] = []
    rejected = [one.file for one in found.migrations if any(finding.rule is REJECTED for finding in one.findings)]
    if REJECTED in rules and rejected and not found.detailed:
        lines.append(CALLING.again("--file", rejected[0]))
    if NOT_THERE in rules and found.names_objects:
        lines.append(CALLING.line("repair", without=PARTS))
    return tuple(line for line in lines if line)


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

"""What to type after an audit: commands that mend something of what was found, and no other."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sessionaudit.audits.selection import PROMISE
from sessionaudit.core.calling import CALLING, PARTS
from sessionaudit.core.finding import Severity
from sessionaudit.kinds import KINDS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from sessionaudit.contract.model import Contract
    from sessionaudit.core.finding import Finding
    from sessionaudit.core.schema import Schema


_ON_OTHERS = frozenset(kind.name for kind in KINDS if kind.within)


def commands(
    findings: Sequence[Finding],
    contract: Contract,
    actual: Schema,
    mendable: Iterable[str],
    *,
    filtered: bool,
    unfit: bool,
    asked: Callable[[Finding], bool],
) -> tuple[str, ...]:
    """The commands, in their order.

    `mendable` names the invariants whose repairs are there, on a schema that is fit for them. `filtered` tells that the
    call asked for a part, `unfit` that rows wait for a repair of the schema, and `asked` whether the call names a
    finding.
    """
    found = [finding for finding in findings if finding.ref.kind != PROMISE]
    lines = [CALLING.line("repair")] if _has_cure(found, contract, actual, asked) else []
    if unfit:  # whatever part was asked for
        lines.append(CALLING.line("repair", without=PARTS))
    broken = {finding.ref.name for finding in findings if finding.ref.kind == PROMISE and not finding.facet}
    fit = set(mendable)
    # Whether a repair mends a row is known when it has run: the rehearsal tells, and goes on from there.
    names = [one.name for one in contract.invariants if one.name in broken & fit]
    if names and not filtered and all(one.name in fit for one in contract.invariants if one.repair is not None):
        lines.append(CALLING.line("backfill", "--all", "--dry-run"))
    elif names:
        lines += [CALLING.line("backfill", "--all", "--dry-run", "--invariant", name, without=PARTS) for name in names]
    return tuple(dict.fromkeys(lines))


def _has_cure(
    findings: Sequence[Finding], contract: Contract, actual: Schema, asked: Callable[[Finding], bool]
) -> bool:
    """Whether a repair has a step for any of them, of what the call names also for what is not mended unasked."""
    grave = [
        finding
        for finding in findings
        if finding.subject is not None and (finding.severity > Severity.NOTE or asked(finding))
    ]
    # What is missing on a table can be made; to know that of all else takes the cures, whose loading takes its time.
    if any(finding.ref.kind in _ON_OTHERS and _is_missing(finding) for finding in grave):
        return True
    if not grave:
        return False
    from sessionaudit.repair import plan  # noqa: PLC0415

    world = plan.World.of(contract, actual)
    return any((asked(finding) or not plan.unasked(finding)) and plan.cures(finding, world) for finding in grave)


def _is_missing(finding: Finding) -> bool:
    subject = finding.subject
    return subject is not None and not finding.facet and subject.expected is not None and subject.actual is None

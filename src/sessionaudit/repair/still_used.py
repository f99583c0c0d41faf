"""Tell how to see whether code still uses what a plan removes. Names no kind."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sessionaudit.core.counting import listed_words
from sessionaudit.core.printed_commands import CALLING, PARTS
from sessionaudit.kinds import KINDS
from sessionaudit.steps.cured import FORBIDDEN

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sessionaudit.core.finding import Finding
    from sessionaudit.repair.propose import Proposal

_KINDS = {kind.name: kind for kind in KINDS}
_MOST_NAMES = 3


def uses_to_see(proposal: Proposal) -> Iterator[tuple[str, str]]:
    """Return the command that shows which code uses what the plan removes, with what stands before it.

    None if the contract does not say where the code is. Steps that are held back count: they may be allowed next.
    """
    examination, plan = proposal.examination, proposal.plan
    changed = {step.ref for step in (*plan.steps, *(held.step for held in plan.held))}
    removed = [one for one in examination.report.findings if one.ref in changed and _is_removal(one)]
    if removed and examination.contract.code is not None:
        names = [f"{one.facet} of {one.ref.dotted}" if one.facet else one.ref.dotted for one in removed]
        them = "them" if len(removed) > 1 or removed[0].facet else "it"
        more = [f"{len(names) - _MOST_NAMES} more"] if len(names) > _MOST_NAMES else []
        line = CALLING.line("scan", "--against", "contract", without=(*PARTS, "database_url", "role"))
        yield f"Before it removes {listed_words([*names[:_MOST_NAMES], *more])}, see which code uses {them}", line


def _is_removal(finding: Finding) -> bool:
    """Whether its repair takes away what queries may name."""
    kind, subject = _KINDS.get(finding.ref.kind), finding.subject
    if kind is None or subject is None or not kind.needed_by_queries:
        return False
    if not finding.facet:
        return finding.rule.name in FORBIDDEN
    removes = next((one.removes for one in kind.attributes if one.facet == finding.facet), None)
    return removes is not None and removes(subject.expected, subject.actual)

"""The commands to type after a plan was applied, and those that change what a person must decide on."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sessionaudit.cli.repair.held_back import leaves_the_rest
from sessionaudit.core.finding import Severity
from sessionaudit.core.printed_commands import CALLING, OF_PART, PARTS
from sessionaudit.repair.permission import unprompted, words

if TYPE_CHECKING:
    from sessionaudit.cli.repair.call import Call
    from sessionaudit.repair.propose import PlanOptions, Proposal
    from sessionaudit.repair.session import Session

_MOST = 5  # of the same kind


def commands(call: Call, session: Session) -> list[tuple[str, str]]:
    """The commands to type after a plan was applied, but for steps that options let run, each after a description."""
    grave = [one for one in session.proposal.plan.uncured if one.unasked and one.finding.severity is Severity.ERROR]
    named = [(_anyway(one.finding.ref.dotted), one.command) for one in grave[:_MOST]]
    rest = [("Next", CALLING.line("check", without=PARTS))] if leaves_the_rest(call, session) else []
    return [*(() if session.broken else (*named, *decided(session.options, session.proposal))), *rest]


def decided(asked: PlanOptions, proposal: Proposal) -> list[tuple[str, str]]:
    """The commands for steps that no other command includes, because they remove or open something."""
    found: dict[str, str] = {}
    for one in unprompted(proposal.plan.held, allowed=asked.allowed):
        name, allow = one.step.ref.dotted, words(one.allow, with_data=asked.with_data)
        found.setdefault(name, CALLING.line("repair", "--only", name, *allow, without=OF_PART))
    return [(_anyway(name), command) for name, command in [*found.items()][:_MOST]]


def _anyway(name: str) -> str:
    return f"To change {name} anyway"

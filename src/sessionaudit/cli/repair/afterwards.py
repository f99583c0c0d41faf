"""The commands to type after a plan was applied, but for steps that are held back."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sessionaudit.cli.repair.held_back import leaves_the_rest
from sessionaudit.core.finding import Severity
from sessionaudit.core.printed_commands import CALLING, PARTS

if TYPE_CHECKING:
    from sessionaudit.cli.repair.call import Call
    from sessionaudit.repair.session import Session

_MOST_NAMED = 5  # of the errors that are repaired only if they are named


def commands(call: Call, session: Session) -> list[tuple[str, str]]:
    """The commands, each with what stands before it."""
    grave = [one for one in session.proposal.plan.uncured if one.unasked and one.finding.severity is Severity.ERROR]
    anyway = [(f"To change {one.finding.ref.dotted} anyway", one.command) for one in grave[:_MOST_NAMED]]
    rest = [("Next", CALLING.line("check", without=PARTS))] if leaves_the_rest(call, session) else []
    return [*(() if session.broken else anyway), *rest]

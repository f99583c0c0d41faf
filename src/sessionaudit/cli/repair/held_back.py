"""What is said of steps that are held back, and the command that lets them run."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sessionaudit.cli.repair.call_again import applying
from sessionaudit.core.printed_commands import CALLING
from sessionaudit.core.visible import option_path
from sessionaudit.repair.permission import releasing, words
from sessionaudit.report import plan as page

if TYPE_CHECKING:
    from sessionaudit.cli.repair.call import Call
    from sessionaudit.repair.propose import PlanOptions, Proposal
    from sessionaudit.repair.session import Session
    from sessionaudit.report import Canvas


def left(call: Call, asked: PlanOptions, proposal: Proposal, terminal: Canvas) -> str:
    """How many steps are held back, and the command that includes them."""
    return page.left(len(proposal.plan.held), released(call, asked, proposal), terminal)


def leaves_the_rest(call: Call, session: Session) -> bool:
    """Whether all was done that a repair can do, and something was not looked at, such as rows and code."""
    stopped = session.broken or session.left or session.declined
    if stopped or not session.records or released(call, session.options, session.proposal):
        return False
    report, contract = session.report, session.proposal.examination.contract
    return bool(report.filtered or report.findings or report.left_out or contract.migrations or contract.code)


def released(call: Call, asked: PlanOptions, proposal: Proposal) -> list[tuple[str, str]]:
    """Return the command that also runs the held-back steps, if options can let them run.

    For those that nothing but a person lets run, it is the same call, once that has been done.
    """
    hazards, by_data = releasing(proposal.plan.held, allowed=asked.allowed, with_data=asked.with_data)
    if not hazards and not by_data:
        by_hand = [one for one in proposal.plan.held if not (one.allow or one.by_data or one.again or one.follows)]
        return [("After removing what holds steps back", CALLING.again())] if by_hand else []
    again = applying(
        call,
        allow=words(sorted({*hazards, *asked.allowed}), with_data=False),
        with_data=words((), with_data=by_data or asked.with_data),
        # A saved plan includes its allowed hazards; to allow more, a new plan is needed.
        plan=["--plan", option_path(call.files.plan)] if call.files.plan and not hazards else [],
    )
    return [("To include the steps held back", again)]

"""What is said of `--replace`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sessionaudit.cli.terminal.messages import say
from sessionaudit.repair import choices

if TYPE_CHECKING:
    from sessionaudit.cli.repair.call import Call
    from sessionaudit.repair.propose import PlanOptions, Proposal


def warn(call: Call, asked: PlanOptions, proposal: Proposal) -> None:
    """Say which replacements have no effect."""
    for line in () if call.shown.quiet else choices.without_effect(proposal.examination, asked.choices):
        say(f"warning: {line}")

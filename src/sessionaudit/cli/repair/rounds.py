"""Tells of the rounds of a repair, and asks whether to apply each plan."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sessionaudit.cli.repair.steps import Steps
from sessionaudit.cli.terminal.messages import say, say_command, say_page
from sessionaudit.cli.terminal.question import confirmed
from sessionaudit.core.counting import counted
from sessionaudit.report import plan as page

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from sessionaudit.repair.propose import Proposal
    from sessionaudit.repair.way_back import WayBack
    from sessionaudit.report import Canvas

    Told = Callable[[Proposal], Sequence[tuple[str, str]]]


class Rounds:
    """Asks whether to apply a plan, unless `yes` is set; `told` are the commands for a plan that cannot be applied."""

    def __init__(self, canvas: Canvas, told: Told, *, log: Path | None, yes: bool, quiet: bool) -> None:
        self._canvas, self._told, self._log = canvas, told, log
        self._yes, self._quiet = yes, quiet
        self._say: Callable[[str], object] = str if quiet else say

    def agrees(self, proposal: Proposal, *, again: bool) -> bool:
        """Show the plan and ask. Raises UsageError if there is no terminal."""
        if not (self._quiet and self._yes):
            self.refuses(proposal)
        question = f"Apply {counted(len(proposal.plan.steps), 'step')} to {proposal.report.database}?"
        return confirmed(self._yes, question, otherwise="They were not applied." if again else "Nothing was changed.")

    def refuses(self, proposal: Proposal) -> None:
        """Show the plan, with its obstacles."""
        say_page(page.table(proposal, self._canvas, told=self._told(proposal)), colour=self._canvas.colour)

    def applies(self, proposal: Proposal) -> Steps:
        """Return the listener for the steps."""
        return Steps(self._log, len(proposal.plan.steps), self._canvas, quiet=self._quiet)

    def tells_of_way_back(self, lines: Sequence[str]) -> None:
        """Print the path of the file, and what it does not restore."""
        for line in lines:
            self._say(line)

    def goes_back_by(self, command: str) -> None:
        """Print the command."""
        if not self._quiet:
            say_command("To go back", command)

    def changed_nothing(self, way: WayBack) -> None:
        """Say that the file was deleted."""
        self._say(f"Nothing was changed, so {way.file} was removed.")

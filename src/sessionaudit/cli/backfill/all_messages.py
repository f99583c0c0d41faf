"""What people are told while all rows are repaired, and what they are asked before that."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sessionaudit.cli.backfill.journal_messages import JournalMessages
from sessionaudit.cli.backfill.watching import watched
from sessionaudit.cli.terminal.canvas import lines_canvas
from sessionaudit.cli.terminal.question import confirmed
from sessionaudit.cli.terminal.result import deliver
from sessionaudit.report import backfill_sentences as sentences
from sessionaudit.report.formats.backfill.table import rehearsal_page

if TYPE_CHECKING:
    from collections.abc import Sequence
    from contextlib import AbstractContextManager

    from sessionaudit.backfill.all_session import Backfilled, Broken, DryRun, Everything
    from sessionaudit.backfill.bulk import Bulk


class AllMessages(JournalMessages, frozen=True):
    """Hears how a backfill goes; `table`: rehearsals are printed as they come; `others`: there are more invariants."""

    yes: bool
    table: bool
    others: bool

    def broken_counted(self, broken: Sequence[Broken], asked: Everything) -> None:
        """Print how many rows violate each invariant."""
        self.say(*sentences.broken_rows(broken, asked, others=self.others))

    def rehearsed(self, rehearsal: DryRun) -> None:
        """Print the outcomes of the rehearsal."""
        if self.table and not self.quiet and (text := rehearsal_page(rehearsal, lines_canvas())):
            deliver(text, None)

    def replicas_counted(self, number: int) -> None:
        """Warn if there is no replica to wait for."""
        if not number:
            self.say("No replica is streaming from this server, so --max-lag has no effect.")

    def confirmed(self) -> bool:
        """Ask for confirmation. Raises UsageError if there is no terminal."""
        return confirmed(self.yes, "Repair them?")

    def running(self, work: Bulk) -> AbstractContextManager[None]:
        """Show the progress, and let Ctrl-C stop the work."""
        return watched(work, quiet=self.quiet)

    def invariant_ended(self, backfilled: Backfilled, asked: Everything) -> None:
        """Print what was done, and what is left."""
        self.say(*sentences.ended(backfilled, asked.limit))

    def invariant_failed(self, backfilled: Backfilled) -> None:
        """Print what was done before the error."""
        self.say(sentences.done(backfilled))

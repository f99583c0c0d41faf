"""Print messages on stderr while a backfill runs, and ask for confirmation before it begins."""

from __future__ import annotations

import contextlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sessionaudit.cli.backfill_progress import interruptible, shown
from sessionaudit.cli.outcome import confirmed, deliver, lines_canvas, say
from sessionaudit.core.changes import CHANGES
from sessionaudit.core.printed_commands import CALLING
from sessionaudit.core.visible import option_path, shell_path
from sessionaudit.report import backfill_sentences as sentences
from sessionaudit.report.formats.backfill import TABLE
from sessionaudit.report.formats.backfill.page import AllPage

if TYPE_CHECKING:
    from collections.abc import Generator, Sequence
    from pathlib import Path

    from sessionaudit.backfill.all_session import Backfilled, Broken, DryRun, Everything
    from sessionaudit.backfill.bulk import Bulk
    from sessionaudit.backfill.give_way import Ending
    from sessionaudit.backfill.journal.reading import Damage


@dataclass(frozen=True, slots=True)
class BackfillMessages:
    """Prints the progress of a backfill, by ids or of all rows; with `table` also each rehearsal."""

    yes: bool
    quiet: bool
    table: bool

    # The journal

    def other_run_unfinished(self, path: Path) -> None:
        """Name the journal of another interrupted run."""
        self._say(
            f"{path} is the journal of another interrupted run: run its command again, with --journal, to finish it."
        )

    def run_unfinished(self, path: Path, more: int) -> None:
        """Name the journal that this run resumes."""
        others = f" ({more} more are left for later runs)" if more else ""
        self._say(f"{path} is the journal of an interrupted run, which is resumed{others}.")

    def journal_opened(self, path: Path) -> None:
        """Note the command to type if this run is interrupted."""
        same = CALLING.again(instead={"journal": ["--journal", option_path(path)]})
        goes_on = f"`{same}`" if same else f"The same command with --journal {shell_path(path)}"
        CHANGES.advice = f"{goes_on} resumes, and repairs nothing twice; `{_undo(path)}` undoes it."

    def journal_damaged(self, path: Path, damage: Damage) -> None:
        """Report the damaged line."""
        say(f"{path}: {damage}.")

    def journal_resumed(self, path: Path, rows: int) -> None:
        """Report how many rows were repaired before."""
        self._say(f"Resuming {path}: {'1 row was' if rows == 1 else f'{rows:,} rows were'} repaired before.")

    def journal_written(self, path: Path) -> None:
        """Print the path of the journal, and the command that undoes it."""
        self._say(f"Journal: {shell_path(path)}. To undo: `{_undo(path)}`.")

    # By ids

    def looked_back(self, ending: Ending) -> None:
        """Report the result for the rows of an interrupted run."""
        for key, why in ending.doubled.items():
            say(
                f"{key}: another session created a row at the same time, and that of the previous run was kept "
                f"because {why}"
            )
        if ending.gave_way:
            rows = (
                "1 row of the last run was"
                if ending.gave_way == 1
                else f"{ending.gave_way:,} rows of the last run were"
            )
            self._say(f"{rows} deleted, because others have created the same.")
        if ending.unproven:
            name = ending.repair.invariant.name
            say(f"It could not be verified that {name} holds for the rows repaired before: {ending.unproven}.")

    # All rows

    def broken_counted(self, broken: Sequence[Broken], asked: Everything) -> None:
        """Print how many rows violate each invariant."""
        for line in sentences.broken_rows(broken, asked):
            self._say(line)

    def rehearsed(self, rehearsal: DryRun) -> None:
        """Print the outcomes of the rehearsal."""
        page = AllPage(run="", rehearsed=(rehearsal,), dry=True)
        if self.table and not self.quiet and (text := TABLE.render(page, lines_canvas())):
            deliver(text, None)

    def replicas_counted(self, number: int) -> None:
        """Warn if there is no replica to wait for."""
        if not number:
            self._say("No replica is streaming from this server, so --max-lag has no effect.")

    def confirmed(self) -> bool:
        """Ask for confirmation. Raises UsageError if there is no terminal."""
        return confirmed(self.yes, "Repair them?")

    @contextlib.contextmanager
    def running(self, work: Bulk) -> Generator[None]:
        """Show the progress, and let Ctrl-C stop the work."""
        with interruptible(work, quiet=self.quiet), shown(work, work.repair.invariant.name, quiet=self.quiet):
            yield

    def invariant_ended(self, backfilled: Backfilled, asked: Everything) -> None:
        """Print what was done, and what is left."""
        for line in sentences.ended(backfilled, asked.limit):
            self._say(line)

    def invariant_failed(self, backfilled: Backfilled) -> None:
        """Print what was done before the error."""
        self._say(sentences.done(backfilled))

    def _say(self, text: str) -> None:
        if not self.quiet:
            say(text)


def _undo(path: Path) -> str:
    return CALLING.line("undo", operands=(option_path(path),))

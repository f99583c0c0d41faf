"""What people are told on stderr while a backfill runs, and what they are asked before it begins."""

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
from sessionaudit.report.formats.backfill.content import AllPage

if TYPE_CHECKING:
    from collections.abc import Generator, Sequence
    from pathlib import Path

    from sessionaudit.backfill.all_session import Broken, DryRun, Everything, Mended
    from sessionaudit.backfill.bulk import Bulk
    from sessionaudit.backfill.give_way import Ending
    from sessionaudit.backfill.journal.reading import Damage


@dataclass(frozen=True, slots=True)
class BackfillMessages:
    """Hears how a backfill goes, by ids or of all rows; `table` has it print rehearsals as they come."""

    yes: bool
    quiet: bool
    table: bool

    # The journal

    def other_run_unfinished(self, path: Path) -> None:
        """Name the journal that only its own command ends."""
        self._say(
            f"{path} is the journal of another interrupted run: run its command again, with --journal, to finish it."
        )

    def run_unfinished(self, path: Path, more: int) -> None:
        """Name the journal that this run goes on with."""
        others = f" ({more} more are left for later runs)" if more else ""
        self._say(f"{path} is the journal of an interrupted run, which is resumed{others}.")

    def journal_opened(self, path: Path) -> None:
        """Note what to type if this run is cut short."""
        same = CALLING.again(instead={"journal": ["--journal", option_path(path)]})
        goes_on = f"`{same}`" if same else f"The same command with --journal {shell_path(path)}"
        CHANGES.advice = f"{goes_on} resumes, and repairs nothing twice; `{_undo(path)}` undoes it."

    def journal_damaged(self, path: Path, damage: Damage) -> None:
        """Tell of the line."""
        say(f"{path}: {damage}.")

    def journal_resumed(self, path: Path, rows: int) -> None:
        """Tell how much was made before."""
        self._say(f"Resuming {path}: {'1 row was' if rows == 1 else f'{rows:,} rows were'} repaired before.")

    def journal_written(self, path: Path) -> None:
        """Tell where it is, and how to take it back."""
        self._say(f"Journal: {shell_path(path)}. To undo: `{_undo(path)}`.")

    # By ids

    def looked_back(self, ending: Ending) -> None:
        """Tell what became of the rows of a run that was cut short."""
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
        """Tell how many there are."""
        for line in sentences.broken_rows(broken, asked):
            self._say(line)

    def rehearsed(self, rehearsal: DryRun) -> None:
        """Print what would become of some rows."""
        page = AllPage(run="", rehearsed=(rehearsal,), dry=True)
        if self.table and not self.quiet and (text := TABLE.render(page, lines_canvas())):
            deliver(text, None)

    def replicas_counted(self, number: int) -> None:
        """Tell that there is no replica to wait for."""
        if not number:
            self._say("No replica is streaming from this server, so --max-lag has no effect.")

    def confirmed(self) -> bool:
        """Ask. Raises UsageError where nobody can be asked."""
        return confirmed(self.yes, "Repair them?")

    @contextlib.contextmanager
    def running(self, work: Bulk) -> Generator[None]:
        """Show the progress, and let Ctrl-C end the work."""
        with interruptible(work, quiet=self.quiet), shown(work, work.repair.invariant.name, quiet=self.quiet):
            yield

    def invariant_ended(self, mended: Mended, asked: Everything) -> None:
        """Tell what was done, and what is left."""
        for line in sentences.ended(mended, asked.limit):
            self._say(line)

    def invariant_failed(self, mended: Mended) -> None:
        """Tell what was done."""
        self._say(sentences.done(mended))

    def _say(self, text: str) -> None:
        if not self.quiet:
            say(text)


def _undo(path: Path) -> str:
    return CALLING.line("undo", operands=(option_path(path),))

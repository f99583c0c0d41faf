"""What is said of the journal of a backfill."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct

from sessionaudit.cli.terminal.messages import say
from sessionaudit.core.changes import CHANGES
from sessionaudit.report import journal_sentences as sentences

if TYPE_CHECKING:
    from pathlib import Path

    from sessionaudit.backfill.journal.reading import Damage


class JournalMessages(Struct, frozen=True):
    """Hears which journal a run writes, and tells people on stderr, unless `quiet`."""

    quiet: bool

    def other_run_unfinished(self, path: Path) -> None:
        """Name the journal of another interrupted run."""
        self.say(sentences.other_run_unfinished(path))

    def run_unfinished(self, path: Path, more: int) -> None:
        """Name the journal that this run resumes."""
        self.say(sentences.run_unfinished(path, more))

    def journal_opened(self, path: Path) -> None:
        """Note the command to type if this run is interrupted."""
        CHANGES.advice = sentences.advice(path)

    def journal_damaged(self, path: Path, damage: Damage) -> None:
        """Report the damaged line."""
        say(f"{path}: {damage}.")

    def journal_resumed(self, path: Path, rows: int) -> None:
        """Report how many rows were repaired before."""
        self.say(sentences.resumed(path, rows))

    def journal_written(self, path: Path) -> None:
        """Print the path of the journal, and the command that undoes it."""
        self.say(sentences.written(path))

    def say(self, *lines: str) -> None:
        """Tell people, if they want to be told."""
        for line in () if self.quiet else lines:
            say(line)

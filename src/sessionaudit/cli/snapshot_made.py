"""What `sessionaudit snapshot` does without --update: the contract is made, and written."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sessionaudit.cli.terminal.messages import say
from sessionaudit.cli.terminal.result import deliver
from sessionaudit.errors import EXIT_CLEAN, EXIT_DATABASE
from sessionaudit.report import snapshot_sentences
from sessionaudit.snapshot import session
from sessionaudit.writing import require_new

if TYPE_CHECKING:
    from pathlib import Path

    from sessionaudit.postgres.connection import Url
    from sessionaudit.snapshot.taking import SnapshotOptions


def run(url: Url, asked: SnapshotOptions, output: Path | None, *, overwrite: bool, quiet: bool) -> int:
    """Make a contract, and say what it could not state. Raises SessionAuditError."""
    require_new(None if overwrite else output, "Choose another file, or replace it with --overwrite.")
    made = session.make(url, asked)
    deliver(made.text, output)
    for sentence in snapshot_sentences.told(made, str(output or "")) if not quiet else ():
        say(sentence)
    return EXIT_DATABASE if made.snapshot.skipped else EXIT_CLEAN

"""What `sessionaudit snapshot --update` does: the change of a contract is printed, and written."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec.structs import replace

from sessionaudit.cli.terminal.messages import say
from sessionaudit.cli.terminal.result import deliver
from sessionaudit.errors import EXIT_CLEAN, EXIT_DATABASE, EXIT_FINDINGS
from sessionaudit.report import update_sentences
from sessionaudit.snapshot import update_session
from sessionaudit.snapshot.updating import UpdateOptions

if TYPE_CHECKING:
    from pathlib import Path

    from sessionaudit.postgres.connection import Url
    from sessionaudit.snapshot.taking import SnapshotOptions


def run(url: Url, file: Path, snapshot: SnapshotOptions, *, all_: bool, dry_run: bool, check: bool, quiet: bool) -> int:
    """Update a contract, or tell what would be changed. Raises SessionAuditError."""
    asked = UpdateOptions(snapshot=replace(snapshot, only=()), only=snapshot.only, all_=all_)
    updated = update_session.update(url, file, asked)
    deliver(update_sentences.diff(updated))
    written = bool(updated.changed) and not dry_run and not check
    if written:
        update_session.write(updated)
    for sentence in () if quiet else update_sentences.told(updated, str(file), written=written):
        say(sentence)
    if check and updated.changed:
        return EXIT_FINDINGS
    return EXIT_DATABASE if updated.skipped else EXIT_CLEAN

"""What `sessionaudit snapshot --split` does: the contract is made, and written into several files."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sessionaudit.cli.snapshot_made import make
from sessionaudit.cli.terminal.messages import say
from sessionaudit.errors import EXIT_CLEAN, EXIT_DATABASE
from sessionaudit.report import snapshot_sentences
from sessionaudit.snapshot import split_directory, splitting

if TYPE_CHECKING:
    from pathlib import Path

    from sessionaudit.postgres.connection import Url
    from sessionaudit.snapshot.taking import SnapshotOptions


def run(
    url: Url,
    sql: Path | None,
    migrations: Path | None,
    asked: SnapshotOptions,
    folder: Path,
    *,
    overwrite: bool,
    quiet: bool,
) -> int:
    """Make a contract in a directory of its own, and say what it could not state. Raises SessionAuditError."""
    split_directory.require_fit(folder, overwrite=overwrite)
    written = make(url, sql, migrations, asked)
    texts = splitting.files(written.made)
    split_directory.write(folder, texts, written.made.text, overwrite=overwrite)
    main = str(folder / splitting.MAIN)
    for sentence in () if quiet else (*written.told(main), *snapshot_sentences.told_of_parts(len(texts) - 1)):
        say(sentence)
    return EXIT_CLEAN if written.whole else EXIT_DATABASE

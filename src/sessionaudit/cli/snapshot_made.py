"""What `sessionaudit snapshot` does without --update: the contract is made, and written."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, NamedTuple

from sessionaudit.cli.terminal.messages import say
from sessionaudit.cli.terminal.result import deliver
from sessionaudit.errors import EXIT_CLEAN, EXIT_DATABASE
from sessionaudit.report import snapshot_sentences
from sessionaudit.snapshot import session
from sessionaudit.writing import require_new

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from pathlib import Path

    from sessionaudit.postgres.connection import Url
    from sessionaudit.snapshot.taking import SnapshotOptions


class Written(NamedTuple):
    """A contract, what is said beside it, given its file, and whether it is whole."""

    made: session.Made
    told: Callable[[str], Iterable[str]]
    whole: bool


def run(
    url: Url,
    sql: Path | None,
    migrations: Path | None,
    asked: SnapshotOptions,
    output: Path | None,
    *,
    overwrite: bool,
    quiet: bool,
) -> int:
    """Make a contract, and say what it could not state. Raises SessionAuditError."""
    require_new(None if overwrite else output, "Choose another file, or replace it with --overwrite.")
    written = make(url, sql, migrations, asked)
    deliver(written.made.text, output, exact=True)
    for sentence in () if quiet else written.told(str(output or "")):
        say(sentence)
    return EXIT_CLEAN if written.whole else EXIT_DATABASE


def make(url: Url, sql: Path | None, migrations: Path | None, asked: SnapshotOptions) -> Written:
    """Make the contract of a database, of a file, or of a directory of migrations. Raises SessionAuditError."""
    if sql is None and migrations is None:
        made = session.make(url, asked)
        return Written(made, partial(snapshot_sentences.told, made), whole=made.whole)
    from sessionaudit.snapshot import sources

    of_files = sources.made_of(sql, migrations, asked)
    whole = of_files.made.whole and not of_files.lacking
    return Written(of_files.made, partial(snapshot_sentences.told_of_files, of_files), whole)

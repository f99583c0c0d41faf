"""What `sessionaudit check --accept` does before it checks: the contract takes over what was found."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sessionaudit.cli.terminal.messages import say, say_page

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from sessionaudit.audits.audit import Options
    from sessionaudit.postgres.connection import Url


def accept(url: Url, contract: Path, words: Sequence[str], options: Options, *, quiet: bool) -> None:
    """Update the contract where a call asks for it, and show the change on stderr: stdout has the report.

    Raises SessionAuditError.
    """
    if not words:
        return
    from sessionaudit.report import update_sentences
    from sessionaudit.snapshot import accepting, update_session

    updated = update_session.accept(url, contract, accepting.read(words), options)
    if updated.changed:
        update_session.write(updated, "--contract")
    if not quiet:
        say_page(update_sentences.diff(updated))
        for sentence in update_sentences.unstated(updated):
            say(sentence)

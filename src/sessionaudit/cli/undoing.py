"""What `undo` does: say what a journal would have taken back, ask, take it back, and tell what came of it."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sessionaudit.backfill.journal_reading import head
from sessionaudit.backfill.undo import undoing
from sessionaudit.cli.mending_call import name
from sessionaudit.cli.outcome import columns, confirmed, deliver, say
from sessionaudit.core.calling import CALLING
from sessionaudit.core.changes import CHANGES
from sessionaudit.errors import EXIT_CLEAN, EXIT_FINDINGS
from sessionaudit.postgres.connection import closing, connect
from sessionaudit.report import undo as page

if TYPE_CHECKING:
    from pathlib import Path

    from sessionaudit.postgres.connection import Url


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """What the command is given."""

    url: Url
    journal: Path
    invariant: str | None
    dry: bool
    yes: bool
    json: bool
    timeout: float
    quiet: bool


def run(call: Call) -> int:
    """Do what a call asks for, and return the exit code. Raises SessionAuditError."""
    told = head(call.journal)
    CHANGES.advice = f"`{CALLING.again()}` resumes, and undoes nothing twice."
    with (
        closing(connect(call.url)) as connection,
        undoing(connection, call.journal, run=name(), invariant=call.invariant, dry=call.dry) as work,
    ):
        work.timeout = call.timeout
        due = work.due()
        if not call.quiet:
            say(f"{call.journal}: run {told['run']} in the database {told.get('database')}, started {told.get('at')}.")
            say(page.due(due))
        if due and not call.dry and not confirmed(call.yes, "Undo it?"):
            return EXIT_FINDINGS
        done = work.run()
    if call.json:
        deliver(page.data(done, journal=call.journal, told=told, invariant=call.invariant, dry=call.dry), None)
    elif not call.quiet:
        deliver(page.lines(done, columns(sys.stdout)), None)
    for one in done.damaged:
        say(f"{call.journal}: {one}.")
    if call.dry and not call.quiet:
        say("This was a dry run: everything was rolled back.")
    return EXIT_CLEAN if done.whole else EXIT_FINDINGS

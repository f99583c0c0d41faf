"""The session that `repair --apply` runs, as the call wants it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sessionaudit.backfill.journal import state_directory
from sessionaudit.cli.repair import next_commands
from sessionaudit.cli.repair.rounds import Rounds
from sessionaudit.core.changes import CHANGES
from sessionaudit.repair.session import Session
from sessionaudit.repair.step_log import require_log
from sessionaudit.repair.still_used import uses_to_see
from sessionaudit.writing import require_replaceable, require_writable

if TYPE_CHECKING:
    import datetime as dt
    from pathlib import Path

    from sessionaudit.cli.repair.call import Call, Files
    from sessionaudit.repair.apply import Manner
    from sessionaudit.repair.propose import PlanOptions, Proposal
    from sessionaudit.report import Canvas


def session_of(call: Call, asked: PlanOptions, proposal: Proposal, manner: Manner, terminal: Canvas) -> Session:
    """Make it, once the files that it writes can be written. Raises UsageError."""
    files = call.files
    require_writable(files.output)
    require_replaceable(files.output)
    require_writable(files.before, "--before")
    require_log(files.log)
    CHANGES.advice = "Run the same command again to resume."
    return Session(
        url=call.url,
        contract=call.contract,
        options=asked,
        proposal=proposal,
        listener=Rounds(
            terminal,
            lambda made: [*uses_to_see(made), *next_commands.possible(call, asked, made)],
            log=files.log,
            yes=call.yes,
            quiet=call.shown.quiet,
        ),
        manner=manner,
        reviewed=files.plan is not None,
        before=lambda stamp: _before(files, stamp),
    )


def _before(files: Files, stamp: dt.datetime) -> Path:
    """The file for the previous state: as the call says, or beside the log, or in the directory for such files."""
    if files.before:
        return files.before
    if files.log:
        return files.log.with_name(f"{files.log.name}.before.yaml")
    return state_directory.ready("the way back", "--before") / f"{stamp:%Y%m%dT%H%M%SZ}.before.yaml"

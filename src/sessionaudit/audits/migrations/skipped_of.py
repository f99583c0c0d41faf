"""Word what of the migrations was not looked at: what it is, why, and what would help."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sessionaudit.audits.migrations.standing import PRINTED_OTHERWISE
from sessionaudit.core.counting import counted
from sessionaudit.core.finding import Skipped

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sessionaudit.audits.migrations.effects import History
    from sessionaudit.audits.migrations.model import Migration
    from sessionaudit.audits.migrations.standing import UnknownEffect
    from sessionaudit.audits.migrations.unseen import UnseenStatement

_MOST = 5  # that a sentence lists


def programs(code: Sequence[Migration]) -> Skipped:
    """Say that programs are not run."""
    return Skipped(
        f"what {counted(len(code), 'migration')} do{'es' if len(code) == 1 else ''}, from {code[0].file} on",
        "they are programs, which are not run here",
        "Their versions are compared with the ledger only.",
    )


def unread(migration: Migration) -> Skipped:
    """Say that a file cannot be read."""
    if migration.unread is None:
        raise AssertionError(migration)
    return Skipped(f"what {migration.file} does", migration.unread.why, migration.unread.hint)


def not_known(migration: Migration, unknown: Sequence[UnknownEffect], why: str) -> Skipped:
    """Say of which objects it is not known whether they are there, or are so."""
    names = [str(one) for one in dict.fromkeys(unknown)]
    more = f" and {len(names) - _MOST} more" if len(names) > _MOST else ""
    return Skipped(
        f"migration {migration.version or migration.name}: {', '.join(names[:_MOST])}{more}",
        why,
        "Use a private server of the database's version: SESSIONAUDIT_PG_BIN." if why == PRINTED_OTHERWISE else "",
    )


def unseen(migration: Migration, statement: UnseenStatement) -> Skipped:
    """Say that the replay does not show what a migration does."""
    what = f"migration {migration.version or migration.name}: {statement.words} … at {statement.location}"
    return Skipped(what, statement.why)


def not_run(late: Sequence[Migration], history: History) -> Skipped:
    """Say what the replay did not get to."""
    what = f"what {counted(len(late), 'migration')} do{'es' if len(late) == 1 else ''}, from {late[0].file} on"
    if history.halted is not None:
        return Skipped(what, history.halted.message, history.halted.hint)
    first = next(one for one in history.files if one.failures)
    return Skipped(
        what,
        f"the replay stopped at {first.failures[0].location}, as the tool would",
        "Leave --stop out, to go on after each statement that is rejected.",
    )

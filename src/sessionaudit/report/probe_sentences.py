"""What is said of executing journeys, before it is done."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sessionaudit.core.counting import counted

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sessionaudit.audits.behaviour.journeys.touching import Touched

_MOST = 12


def touching(touched: Touched) -> Iterator[str]:
    """Say what executing touches, line by line."""
    yield f"Executing changes rows of {_listed(touched.tables, 'table')}, and rolls everything back."
    yield (
        "Until then other sessions wait for what it locks: rows, and tables that a function alters or locks. No "
        "statement of it waits for a lock longer than a second."
    )
    if touched.sequences:
        yield f"A rollback does not take back the numbers of {_listed(touched.sequences, 'sequence')}: they move."
    if touched.notifying:
        yield f"{', '.join(touched.notifying)} may NOTIFY; a rollback sends nothing."


def question(touched: Touched) -> str:
    """Ask whether to execute."""
    return f"Execute the journeys on {counted(len(touched.tables), 'table')}, and roll back?"


def _listed(names: tuple[str, ...], noun: str) -> str:
    shown = ", ".join(names[:_MOST])
    more = f" and {len(names) - _MOST} more" if len(names) > _MOST else ""
    return f"{counted(len(names), noun)} ({shown}{more})" if names else f"no {noun}"

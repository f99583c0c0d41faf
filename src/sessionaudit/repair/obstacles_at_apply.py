"""Find what blocks a step when it is applied, querying rows as the step sees them."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, Any

import psycopg

from sessionaudit.core.step import EVERY_ROW
from sessionaudit.postgres import applier_session
from sessionaudit.postgres.connection import told
from sessionaudit.postgres.masking import masked
from sessionaudit.sql.text import quoted, sent

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sessionaudit.core.step import Obstacle, Step
    from sessionaudit.postgres.connection import Connection


def prepare(connection: Connection, path: Iterable[str], step: Step, *, every_row: bool) -> None:
    """Set the search path of a step in a transaction; with `every_row`, forbid row security to hide rows."""
    settings = (("search_path", ", ".join(map(quoted, path))), *step.settings, *((EVERY_ROW,) if every_row else ()))
    for setting in settings:
        connection.execute("select pg_catalog.set_config(%s, %s, true)", setting)


def keys(connection: Connection, path: Iterable[str], step: Step, what: Obstacle, *, wait: float) -> list[Any]:
    """Return the keys of the rows that an obstacle finds."""
    with applier_session.reading(connection, wait):
        prepare(connection, path, step, every_row=True)
        return [row[0] for row in connection.execute(sent(what.rows)) if row[0] is not None]


def appeared(
    connection: Connection, path: Iterable[str], step: Step, *, repaired_later: bool, wait: float
) -> Obstacle | None:
    """Return an obstacle that appeared after the plan was made, and that the step itself would not notice.

    This runs outside of the step's transaction: a transaction that locks a table must not read all of it.
    """
    found = [step.obstacle] if step.obstacle and step.obstacle.of_rows and not step.scans else []
    found += [step.risk.found] if step.risk and not step.risk.locked and not repaired_later else []
    for what in found:
        with applier_session.reading(connection, wait):
            prepare(connection, path, step, every_row=True)
            if connection.execute(sent(f"{what.rows} limit 1")).fetchone() is not None:
                return what
    return None


def hindered(connection: Connection, path: Iterable[str], step: Step, *, wait: float) -> bool:
    """Whether a step is blocked now, although the plan showed no obstacle."""
    if step.obstacle is not None:
        with suppress(psycopg.Error), applier_session.reading(connection, wait):
            prepare(connection, path, step, every_row=False)
            return connection.execute(sent(f"{step.obstacle.rows} limit 1")).fetchone() is not None
    return False


def said(error: psycopg.Error) -> str:
    """Return the server's message, without quoted values of rows."""
    detail = masked(error.diag.message_detail or "", {}) if (error.sqlstate or "").startswith("2BP") else ""
    return f"{told(error)}: {detail}" if detail else told(error)

"""Read what the server answers to statements that were sent together.

All answers are read before one is judged: libpq leaves the pipeline only then, and its refusal would hide an error.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import psycopg
from psycopg.pq import ConnStatus, DiagnosticField, ExecStatus

from sessionaudit.postgres.executed import awaited

if TYPE_CHECKING:
    from collections.abc import Iterable

LOST = "the connection was lost"


def segment(line: Any) -> list[Any]:
    """Return the results up to the next synchronization, the last of which may have failed.

    Raises psycopg.OperationalError if the connection is lost, with the server's last words.
    """
    results: list[Any] = []
    while True:
        result = awaited(line)
        if result is None:
            if line.status != ConnStatus.OK:
                said = (field(one, DiagnosticField.MESSAGE_PRIMARY) for one in failures(results))
                raise psycopg.OperationalError(next(filter(None, said), LOST))
        elif result.status == ExecStatus.PIPELINE_SYNC:
            return results
        elif result.status != ExecStatus.PIPELINE_ABORTED:
            results.append(result)


def failures(results: Iterable[Any]) -> list[Any]:
    """Return the results that are errors."""
    return [one for one in results if one.status == ExecStatus.FATAL_ERROR]


def field(failed: Any, name: DiagnosticField) -> str:
    """Return a part of an error; "" if the server did not send it."""
    return (failed.error_field(name) or b"").decode(errors="replace")

"""Tell the stories of the rows that ids name, one by one, using the findings of the schema audit."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct

from sessionaudit.audits import AUDITS, runner
from sessionaudit.audits.audit import Options
from sessionaudit.postgres.connection import closing, connect
from sessionaudit.story.trace import Tracer

if TYPE_CHECKING:
    from collections.abc import Generator, Sequence
    from pathlib import Path

    from sessionaudit.audits.data.lookup import Lookup
    from sessionaudit.postgres.connection import Url
    from sessionaudit.story.trace import Story


class TraceOptions(Struct, frozen=True, kw_only=True):
    """The options of a trace; the timeout is in seconds."""

    url: Url
    contract: Path
    timeout: float = 30


def stories(options: TraceOptions, ids: Sequence[str]) -> Generator[Story | Lookup]:
    """Return the story for each id that names one row, else the Lookup. Raises SessionAuditError."""
    asked = Options(statement_timeout=options.timeout, without=AUDITS[1:])
    examined = runner.examine(options.url, options.contract, asked)
    with closing(connect(options.url)) as connection:
        yield from Tracer(connection, examined.contract, examined.report.findings, options.timeout).tell(ids)

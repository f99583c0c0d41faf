"""The stories of the rows that ids name, told one by one, with what the schema's audit has to say of them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sessionaudit.audits import runner
from sessionaudit.audits.audit import Options
from sessionaudit.postgres.connection import closing, connect
from sessionaudit.story.trace import Tracer

if TYPE_CHECKING:
    from collections.abc import Generator, Sequence
    from pathlib import Path

    from sessionaudit.audits.data.lookup import Lookup
    from sessionaudit.postgres.connection import Url
    from sessionaudit.story.trace import Story


@dataclass(frozen=True, slots=True, kw_only=True)
class TraceOptions:
    """What a trace is asked for; the timeout is in seconds."""

    url: Url
    contract: Path
    timeout: float = 30


def stories(options: TraceOptions, ids: Sequence[str]) -> Generator[Story | Lookup]:
    """The story of each id that names a row, and what the others find. Raises SessionAuditError."""
    asked = Options(statement_timeout=options.timeout, without=("data",))
    examined = runner.examine(options.url, options.contract, asked)
    with closing(connect(options.url)) as connection:
        yield from Tracer(connection, examined.contract, examined.report.findings, options.timeout).tell(ids)

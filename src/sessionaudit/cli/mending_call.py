"""What a call of `backfill` is given, and what every form of it writes into its journal."""

from __future__ import annotations

import datetime as dt
import secrets
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, NamedTuple

from sessionaudit.cli.options import Format
from sessionaudit.data.journal import identity

if TYPE_CHECKING:
    from pathlib import Path

    from sessionaudit.connection import Connection, Url
    from sessionaudit.contract.model import Contract
    from sessionaudit.data.pace import Pace


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """What every form of the command is given."""

    url: Url
    contract: Path
    invariant: str | None
    dry: bool
    yes: bool
    keep_older: bool = False
    format_: Format = Format.table
    quiet: bool = False
    journal: Path | None = None
    statement_timeout: float = 30
    data_timeout: float = 60

    def with_(self, **others: Any) -> Call:
        """The same with other values."""
        return replace(self, **others)


class Everything(NamedTuple):
    """Whether all rows are meant, which of them, and how fast."""

    wanted: bool
    since: str
    limit: int | None
    jobs: int
    pace: Pace


def name() -> str:
    """A name for a run: the time, and what tells it from others of the same second."""
    return f"{dt.datetime.now(tz=dt.UTC):%Y%m%dT%H%M%SZ}-{secrets.token_hex(3)}"


def about(connection: Connection, contract: Contract) -> dict[str, Any]:
    """What a journal says of its run. Raises DatabaseError."""
    began = f"{dt.datetime.now(tz=dt.UTC):%Y-%m-%dT%H:%M:%SZ}"
    return {**identity(connection), "contract": contract.file, "schema": contract.schema, "at": began}

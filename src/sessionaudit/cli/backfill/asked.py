"""What a call of `backfill` asks for."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from sessionaudit.cli.options.effect import require_effect
from sessionaudit.errors import UsageError
from sessionaudit.report.formats.backfill import FORMATS

if TYPE_CHECKING:
    from pathlib import Path

    import typer

    from sessionaudit.cli.options.formats import PageFormat, RowsPageFormat
    from sessionaudit.postgres.connection import Url


class BackfillCall(NamedTuple):
    """What every mode needs; timeouts are in seconds."""

    url: Url
    contract: Path
    invariant: str | None
    statement_timeout: float
    data_timeout: float


class Chosen(NamedTuple):
    """Which of all rows are meant; `limit` is for each invariant."""

    since: str
    limit: int | None


def require_one_mode(context: typer.Context, *, ids: bool, all_: bool, list_: bool, undo: bool) -> None:
    """Refuse a call of no mode or of several, and options that have no effect in it. Raises UsageError."""
    if undo:
        raise UsageError("undo is a separate command", hint="See `sessionaudit undo --help`.")
    if ids + all_ + list_ != 1:
        raise UsageError("name the ids of the rows to repair, or --all, or --list", hint="Give exactly one of them.")
    require_effect(context)


def page_format(format_: RowsPageFormat) -> PageFormat:
    """The format of the page of a backfill. Raises UsageError where only lists have it."""
    page = next((one for one in FORMATS if one.name == format_.name), None)
    if page is None:
        raise UsageError(f"--format {format_} is for lists", hint="Add --list, or use table or json.")
    return page

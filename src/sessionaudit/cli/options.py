"""Define the options that commands share."""

from __future__ import annotations

import math
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, TypeVar

import typer

from sessionaudit.core.finding import Severity
from sessionaudit.postgres.timeout import LONGEST
from sessionaudit.report import formats
from sessionaudit.report.format import Format, StreamedFormat
from sessionaudit.report.formats import broken_rows, plan, story, undo

PageFormat = Format[Any]
RowsPageFormat = StreamedFormat[Any]
AnyFormat = TypeVar("AnyFormat", PageFormat, RowsPageFormat)

if TYPE_CHECKING:
    from collections.abc import Callable

    from sessionaudit.postgres.connection import Url


def seconds(least: float = 0.001) -> Callable[[Any], float]:
    """Return a parser for an option in seconds, at least `least`.

    The parser raises BadParameter, which ends in exit 2.
    """

    def parse(value: Any) -> float:
        try:
            number = float(value)
        except ValueError:
            number = math.nan
        if not least <= number <= LONGEST:
            raise typer.BadParameter(f"{value!r} is not a number of seconds from {least:g} to {LONGEST:,}.")
        return number

    return parse


DatabaseUrl = Annotated[
    str | None,
    typer.Option(
        "--database-url",
        "-d",
        metavar="URL",
        help="URL or conninfo of the database. Default: $DATABASE_URL, then libpq's own (PG*, PGSERVICE, .pgpass).",
        show_default=False,
    ),
]
Role = Annotated[
    str,
    typer.Option(
        metavar="ROLE",
        help="Use this role (SET ROLE) in every transaction, instead of the one that connects.",
        show_default=False,
    ),
]
ContractFile = Annotated[
    Path,
    typer.Option(
        "--contract",
        "-c",
        metavar="FILE",
        envvar="SESSIONAUDIT_CONTRACT",
        help="The contract.",
        show_envvar=True,
        readable=False,  # we report it ourselves, with a hint
    ),
]
Output = Annotated[
    Path | None,
    typer.Option("--output", "-o", metavar="FILE", help="Write the result to FILE, atomically.", readable=False),
]
_WHAT = "this rule, code, object or glob of objects, or “data” (rows) or “schema”; may be repeated."
Only = Annotated[
    list[str] | None,
    typer.Option(metavar="WHAT", help=f"Only {_WHAT}"),
]
Ignore = Annotated[
    list[str] | None,
    typer.Option(metavar="WHAT", help=f"Exclude {_WHAT}"),
]
StatementTimeout = Annotated[
    float, typer.Option(metavar="SECONDS", parser=seconds(), help="How long one query may take on the server.")
]
DataTimeout = Annotated[
    float,
    typer.Option(metavar="SECONDS", parser=seconds(), help="How long counting the rows of one invariant may take."),
]
Explain = Annotated[bool, typer.Option("--explain", help="Print the query plan (EXPLAIN) for each invariant.")]
ReadOnly = Annotated[
    bool,
    typer.Option(
        "--read-only",
        help="Never compare expressions on the server, which needs a temporary table (rolled back). Expressions that "
        "differ in spelling are then reported as uncertain.",
    ),
]
NoColor = Annotated[bool, typer.Option("--no-color", help="No colours; like NO_COLOR.")]
Quiet = Annotated[bool, typer.Option("--quiet", "-q", help="Print only errors; use the exit code.")]
QuietPlan = Annotated[
    bool, typer.Option("--quiet", "-q", help="Print only the plan and errors; with --apply, only errors.")
]
Verbose = Annotated[
    bool,
    typer.Option("--verbose", "-v", help="Print more: why each rule matters, long definitions, waived findings."),
]


def format_option(known: tuple[AnyFormat, ...], help_: str) -> Any:
    """Define the --format option of a page, which accepts only the formats of that page."""
    names = [one.name for one in known]

    def parse(word: str | AnyFormat) -> AnyFormat:
        found = next((one for one in known if one.name == str(word)), None)
        if found is None:
            raise typer.BadParameter(f"{str(word)!r} is not one of {', '.join(map(repr, names))}.")
        return found

    return typer.Option("--format", "-f", metavar=f"<{'|'.join(names)}>", parser=parse, help=help_)


class FailOn(StrEnum):
    """The lowest severity that makes the exit code 1."""

    error = "error"
    warning = "warning"
    note = "note"
    never = "never"

    @property
    def least(self) -> Severity | None:
        """The severity; None if findings never do."""
        return None if self is FailOn.never else Severity[self.name.upper()]


ReportFormat = Annotated[PageFormat, format_option(formats.FORMATS, "How to print the report.")]
PlanFormat = Annotated[PageFormat, format_option(plan.FORMATS, "How to print the plan.")]
RowsFormat = Annotated[
    RowsPageFormat, format_option(broken_rows.FORMATS, "How to print it; csv and jsonl (JSON lines) with --list.")
]
StoryFormat = Annotated[PageFormat, format_option(story.FORMATS, "How to print the report.")]
UndoFormat = Annotated[PageFormat, format_option(undo.FORMATS, "How to print the report.")]
FailOnOption = Annotated[FailOn, typer.Option(help="The lowest severity that makes the exit code 1.")]
Yes = Annotated[bool, typer.Option("--yes", "-y", help="Do not ask; required without a terminal.")]


def address(url: str | None, role: str) -> Url:
    """Return where to connect, and the role to use there."""
    from sessionaudit.postgres.connection import Address  # noqa: PLC0415 - a command's help needs none

    return Address(url, role) if role else url

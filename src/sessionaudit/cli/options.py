"""The options that commands share."""

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
    """What reads an option that is a number of seconds, `least` at least. Raises BadParameter, which is exit 2."""

    def parse(value: Any) -> float:
        try:
            number = float(value)
        except ValueError:
            number = math.nan
        if not least <= number <= LONGEST:
            raise typer.BadParameter(f"{value!r} is no number of seconds from {least:g} to {LONGEST:,}.")
        return number

    return parse


DatabaseUrl = Annotated[
    str | None,
    typer.Option(
        "--database-url",
        "-d",
        metavar="URL",
        help="URL or conninfo of the database; else $DATABASE_URL, else what libpq finds (PG*, PGSERVICE, .pgpass).",
        show_default=False,
    ),
]
Role = Annotated[
    str,
    typer.Option(
        metavar="ROLE",
        help="Work as this role in every transaction: its rights count, and not those of the one who connects.",
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
        readable=False,  # we say it ourselves, with a hint
    ),
]
Output = Annotated[
    Path | None,
    typer.Option(
        "--output", "-o", metavar="FILE", help="Write the result into FILE, whole or not at all.", readable=False
    ),
]
_WHAT = (
    "what this names: a rule, its code, an object or a glob over objects, or one of the words data (rows) and schema; "
    "may be repeated."
)
Only = Annotated[
    list[str] | None,
    typer.Option(metavar="WHAT", help=f"Only {_WHAT}"),
]
Ignore = Annotated[
    list[str] | None,
    typer.Option(metavar="WHAT", help=f"Leave out {_WHAT}"),
]
StatementTimeout = Annotated[
    float, typer.Option(metavar="SECONDS", parser=seconds(), help="How long one query may take on the server.")
]
DataTimeout = Annotated[
    float, typer.Option(metavar="SECONDS", parser=seconds(), help="How long the rows of one invariant may be counted.")
]
Explain = Annotated[bool, typer.Option("--explain", help="Print how PostgreSQL would count each invariant's rows.")]
ReadOnly = Annotated[
    bool,
    typer.Option(
        "--read-only",
        help="Never compare expressions on the server, which takes a temporary table (rolled back); "
        "what the text alone cannot tell is then reported as uncertain.",
    ),
]
NoColor = Annotated[bool, typer.Option("--no-color", help="No colours; NO_COLOR does the same.")]
Quiet = Annotated[bool, typer.Option("--quiet", "-q", help="Print nothing but errors; the exit code tells.")]
QuietPlan = Annotated[
    bool, typer.Option("--quiet", "-q", help="Print nothing but the plan and errors; with --apply, errors alone.")
]
Verbose = Annotated[
    bool,
    typer.Option("--verbose", "-v", help="Say more: why each rule matters, definitions of many lines, what is waived."),
]


def format_option(known: tuple[AnyFormat, ...], help_: str) -> Any:
    """An option that takes the formats of a page, and no others."""
    names = [one.name for one in known]

    def parse(word: str | AnyFormat) -> AnyFormat:
        found = next((one for one in known if one.name == str(word)), None)
        if found is None:
            raise typer.BadParameter(f"{str(word)!r} is not one of {', '.join(map(repr, names))}.")
        return found

    return typer.Option("--format", "-f", metavar=f"<{'|'.join(names)}>", parser=parse, help=help_)


class FailOn(StrEnum):
    """The severity from which on findings make the exit code 1."""

    error = "error"
    warning = "warning"
    note = "note"
    never = "never"

    @property
    def least(self) -> Severity | None:
        """The severity; None where none does."""
        return None if self is FailOn.never else Severity[self.name.upper()]


ReportFormat = Annotated[PageFormat, format_option(formats.FORMATS, "How to print the report.")]
PlanFormat = Annotated[PageFormat, format_option(plan.FORMATS, "How to print the plan.")]
RowsFormat = Annotated[
    RowsPageFormat, format_option(broken_rows.FORMATS, "How to print it; csv and jsonl (JSON lines) with --list.")
]
StoryFormat = Annotated[PageFormat, format_option(story.FORMATS, "How to print the report.")]
UndoFormat = Annotated[PageFormat, format_option(undo.FORMATS, "How to print the report.")]
FailOnOption = Annotated[FailOn, typer.Option(help="The least severity that makes the exit code 1.")]
Yes = Annotated[bool, typer.Option("--yes", "-y", help="Do not ask; needed where nobody can be asked.")]


def address(url: str | None, role: str) -> Url:
    """Where to connect, and as whom to work there."""
    from sessionaudit.postgres.connection import Address  # noqa: PLC0415 - a command's help needs none

    return Address(url, role) if role else url

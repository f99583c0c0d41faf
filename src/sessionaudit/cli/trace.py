"""`sessionaudit trace`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from sessionaudit.cli import options as o
from sessionaudit.cli.given_ids import given
from sessionaudit.cli.option_conflicts import require_effect
from sessionaudit.cli.outcome import canvas, deliver, finish, say, spelled_error
from sessionaudit.errors import EXIT_CLEAN, EXIT_DATABASE, EXIT_FINDINGS, EXIT_USAGE, SessionAuditError
from sessionaudit.report.formats.story import TABLE
from sessionaudit.report.formats.story.content import StoriesPage

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sessionaudit.audits.data.lookup import Lookup
    from sessionaudit.report import Canvas
    from sessionaudit.story.trace import Story

EPILOG = """\b
Examples:
  sessionaudit trace 62e91166-c36b-4bd5-bc51-5b168f1bd176
  sessionaudit trace maria.petrov@example.com cs_test_a1Wq7Lx2     # by other values, see “by” in the contract
  sessionaudit trace --format json 62e91166-c36b-4bd5-bc51-5b168f1bd176

\b
Exit codes: 0 nothing is missing, 1 a link is missing, 2 an id matches no row or several, or the contract is wrong,
3 a link could not be checked, 130 interrupted. With several ids, 2 takes precedence, then 1, then 3.
"""


def trace(
    context: typer.Context,
    ids: Annotated[
        list[str],
        typer.Argument(metavar="ID...", help="Ids of rows; - reads them from stdin."),
    ],
    database_url: o.DatabaseUrl = None,
    role: o.Role = "",
    contract: o.ContractFile = Path("expected_schema.yaml"),
    format_: o.StoryFormat = TABLE,
    output: o.Output = None,
    statement_timeout: o.StatementTimeout = 30,
    no_color: o.NoColor = False,
) -> None:
    """Show the story of a row: what exists, what is missing, and why.

    Checks each link of the contract's trace, and ends with the commands to run. Never writes.
    """

    def command() -> int:
        from sessionaudit.story.session import TraceOptions, stories  # noqa: PLC0415

        require_effect(context)
        options = TraceOptions(url=o.address(database_url, role), contract=contract, timeout=statement_timeout)
        told: list[Story | Lookup] = []
        sheet = canvas(no_color=no_color, output=output)
        try:
            for one in stories(options, given(ids)):
                told.append(one)  # noqa: PERF402 - what was told before an error stands
        except SessionAuditError as error:
            if told:
                _deliver(_page(told, error), format_, sheet, output)
            raise
        page = _page(told)
        _deliver(page, format_, sheet, output)
        return _code(page)

    finish(command, context)


def _page(told: Sequence[Story | Lookup], error: SessionAuditError | None = None) -> StoriesPage:
    from sessionaudit.story.trace import Story  # noqa: PLC0415

    return StoriesPage(
        stories=[one for one in told if isinstance(one, Story)],
        unfound=[one for one in told if not isinstance(one, Story)],
        error=spelled_error(error)["error"] if error else None,
    )


def _deliver(page: StoriesPage, format_: o.PageFormat, sheet: Canvas, output: Path | None) -> None:
    from sessionaudit.report.formats.story.table import lost  # noqa: PLC0415

    if text := format_.render(page, sheet):
        deliver(text, output, colour=sheet.colour and format_ is TABLE)
    for one in page.unfound:
        for line in lost(one):
            say(line)


def _code(page: StoriesPage) -> int:
    if page.unfound:
        return EXIT_USAGE
    if all(story.whole for story in page.stories):
        return EXIT_CLEAN
    return EXIT_DATABASE if all(story.whole or story.unknown for story in page.stories) else EXIT_FINDINGS

"""`sessionaudit trace`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from sessionaudit.cli import options as o
from sessionaudit.cli.effect import require_effect
from sessionaudit.cli.outcome import canvas, deliver, finish
from sessionaudit.errors import EXIT_CLEAN, EXIT_DATABASE, EXIT_FINDINGS

EPILOG = """\b
Examples:
  sessionaudit trace 62e91166-c36b-4bd5-bc51-5b168f1bd176
  sessionaudit trace --format json 62e91166-c36b-4bd5-bc51-5b168f1bd176

\b
Exit codes: 0 nothing is missing, 1 a link is missing or there is no such row,
2 the id is malformed or the contract is wrong, 3 a link could not be looked for, 130 interrupted.
"""


def trace(
    context: typer.Context,
    id_: Annotated[str, typer.Argument(metavar="ID", help="The id of the row whose story is told.")],
    database_url: o.DatabaseUrl = None,
    role: o.Role = "",
    contract: o.ContractFile = Path("expected_schema.yaml"),
    format_: o.FormatOption = o.Format.table,
    output: o.Output = None,
    statement_timeout: o.StatementTimeout = 30,
    no_color: o.NoColor = False,
) -> None:
    """Tell the story of one session: each link, where it breaks, why, and what to run. Never writes."""

    def command() -> int:
        from sessionaudit import audit  # noqa: PLC0415
        from sessionaudit.connection import closing, connect  # noqa: PLC0415
        from sessionaudit.data.trace import Teller  # noqa: PLC0415
        from sessionaudit.errors import UnfitError  # noqa: PLC0415
        from sessionaudit.report import story as spelled  # noqa: PLC0415

        require_effect(context, (format_ is o.Format.json, "with --format json", ("no_color",)))
        asked = audit.Options(statement_timeout=statement_timeout, data=False)
        url = o.address(database_url, role)
        examined = audit.examine(url, contract, asked)
        with closing(connect(url)) as connection:
            teller = Teller(connection, examined.contract, examined.report.findings, statement_timeout)
            story = teller.tell(id_)
        if story is None:
            raise UnfitError(f"there is no row {id_}", hint="Is this the right id, and the right database?")
        page = canvas(no_color=no_color, output=output)
        told = spelled.data(story) if format_ is o.Format.json else spelled.tree(story, page)
        deliver(told, output, colour=page.colour)
        if story.unknown:
            return EXIT_DATABASE
        return EXIT_CLEAN if story.whole else EXIT_FINDINGS

    finish(command, format_)

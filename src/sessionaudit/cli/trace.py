"""`sessionaudit trace`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from sessionaudit.cli import options as o
from sessionaudit.cli.effect import require_effect
from sessionaudit.cli.outcome import finish

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
    format_: o.FormatOption = o.Format.table,
    output: o.Output = None,
    statement_timeout: o.StatementTimeout = 30,
    no_color: o.NoColor = False,
) -> None:
    """Show the story of a row: what exists, what is missing, and why.

    Checks each link of the contract's trace, and ends with the commands to run. Never writes.
    """

    def command() -> int:
        from sessionaudit.cli import tracing  # noqa: PLC0415

        as_json = format_ is o.Format.json
        require_effect(context, (as_json, "with --format json", ("no_color",)))
        call = tracing.Call(
            url=o.address(database_url, role),
            contract=contract,
            json=as_json,
            output=output,
            timeout=statement_timeout,
            no_color=no_color,
        )
        return tracing.run(call, ids)

    finish(command, context)

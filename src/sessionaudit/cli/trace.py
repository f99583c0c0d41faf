"""`sessionaudit trace`."""

from __future__ import annotations

import typer  # noqa: TC002 - typer reads the annotations

from sessionaudit.cli.ending import finish
from sessionaudit.cli.options import shared as o
from sessionaudit.cli.options import trace as t
from sessionaudit.cli.options.effect import require_effect
from sessionaudit.cli.options.values import address
from sessionaudit.report.formats.story import TABLE


def trace(
    context: typer.Context,
    ids: t.Ids,
    database_url: o.DatabaseUrl = None,
    role: o.Role = "",
    contract: o.ContractFile = o.CONTRACT,
    format_: t.StoryFormat = TABLE,
    output: o.Output = None,
    statement_timeout: o.StatementTimeout = 30,
    no_color: o.NoColor = False,
) -> None:
    """Show the story of a row: what exists, what is missing, and why.

    Checks each link of the contract's trace, and ends with the commands to run. Never writes.
    """

    def command() -> int:
        from sessionaudit.cli import trace_run
        from sessionaudit.story.session import TraceOptions

        require_effect(context)
        options = TraceOptions(url=address(database_url, role), contract=contract, timeout=statement_timeout)
        return trace_run.run(options, ids, format_, output, no_color=no_color)

    finish(command, context)

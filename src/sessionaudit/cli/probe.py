"""`sessionaudit probe`."""

from __future__ import annotations

import typer  # noqa: TC002 - typer reads the annotations

from sessionaudit.cli.ending import finish
from sessionaudit.cli.options import check as c
from sessionaudit.cli.options import probe as p
from sessionaudit.cli.options import shared as o
from sessionaudit.cli.options.effect import require_effect
from sessionaudit.cli.options.values import FailOn, address


def probe(
    context: typer.Context,
    journeys: p.Journeys = None,
    database_url: o.DatabaseUrl = None,
    role: o.Role = "",
    contract: o.ContractFile = o.CONTRACT,
    execute: p.Execute = False,
    embedded: p.Embedded = False,
    from_: p.From = p.MadeFrom.contract,
    yes: o.Yes = False,
    format_: p.ProbeFormat = p.AS_TABLE,
    output: o.Output = None,
    documentation_url: o.DocumentationUrl = "",
    fail_on: o.FailOnOption = FailOn.error,
    statement_timeout: o.StatementTimeout = 30,
    no_color: o.NoColor = False,
    quiet: o.Quiet = False,
    verbose: c.Verbose = False,
) -> None:
    """Try the journeys of the contract as the roles that take them. Nothing stays.

    Without --execute or --embedded, PostgreSQL only explains each statement.
    """

    def command() -> int:
        from sessionaudit.cli import probe_page, probe_run
        from sessionaudit.cli.private_database import is_live
        from sessionaudit.cli.terminal.results import Printing

        require_effect(context)
        printing = Printing.of(format_, output, documentation_url, no_color=no_color, quiet=quiet, verbose=verbose)
        live = is_live(database_url, execute=execute, embedded=embedded)
        where = probe_run.ProbeWhere(contract, address(database_url, role), None if live else from_)
        how = probe_run.ProbeHow(tuple(journeys or ()), execute, yes, statement_timeout, quiet)
        return probe_page.ended(probe_run.probed(where, how), printing, fail_on.least)

    finish(command, context)

"""`sessionaudit probe`."""

from __future__ import annotations

from functools import partial

import typer  # noqa: TC002 - typer reads the annotations

from sessionaudit.cli.ending import finish
from sessionaudit.cli.options import check as c
from sessionaudit.cli.options import probe as p
from sessionaudit.cli.options import shared as o
from sessionaudit.cli.options.effect import require_effect
from sessionaudit.cli.options.values import FailOn, address
from sessionaudit.report.formats.probe import TABLE


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
    format_: p.ProbeFormat = TABLE,
    output: o.Output = None,
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
        from sessionaudit.cli import check_run, probe_page, probe_run
        from sessionaudit.cli.private_database import is_live
        from sessionaudit.cli.terminal.single_page import print_page

        require_effect(context)
        live = is_live(database_url, execute=execute, embedded=embedded)
        where = probe_run.ProbeWhere(contract, address(database_url, role), None if live else from_)
        how = probe_run.ProbeHow(tuple(journeys or ()), execute, yes, statement_timeout, quiet)
        found = probe_run.probed(where, how)
        if not quiet or output:
            tell = None if quiet else partial(check_run.tell, found.report, (output,) if output else ())
            print_page(probe_page.made(found, fail_on.least), format_, output, tell, no_color=no_color, verbose=verbose)
        return check_run.code(found.report, fail_on.least)

    finish(command, context)

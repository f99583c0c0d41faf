"""`sessionaudit access`."""

from __future__ import annotations

import typer  # noqa: TC002 - typer reads the annotations

from sessionaudit.cli.ending import finish
from sessionaudit.cli.options import access as a
from sessionaudit.cli.options import check as c
from sessionaudit.cli.options import shared as o
from sessionaudit.cli.options.effect import require_effect
from sessionaudit.cli.options.values import FailOn, address


def access(
    context: typer.Context,
    objects: a.Objects = None,
    database_url: o.DatabaseUrl = None,
    role: o.Role = "",
    contract: o.ContractFile = o.CONTRACT,
    as_: a.As = None,
    format_: a.AccessFormat = a.AS_TABLE,
    output: o.Output = None,
    documentation_url: o.DocumentationUrl = "",
    fail_on: o.FailOnOption = FailOn.error,
    only: o.Only = None,
    ignore: o.Ignore = None,
    statement_timeout: o.StatementTimeout = 30,
    no_color: o.NoColor = False,
    quiet: o.Quiet = False,
    verbose: c.Verbose = False,
) -> None:
    """Show what each role may do with each object, and what is wrong with that. Nothing is executed."""

    def command() -> int:
        from sessionaudit.audits.behaviour.access.session import AccessPart
        from sessionaudit.cli import access_run
        from sessionaudit.cli.terminal.results import Printing

        require_effect(context)
        printing = Printing.of(format_, output, documentation_url, no_color=no_color, quiet=quiet, verbose=verbose)
        asked = AccessPart(tuple(objects or ()), tuple(as_ or ()), tuple(only or ()), tuple(ignore or ()))
        found = access_run.examined(address(database_url, role), contract, asked, statement_timeout, fail_on.least)
        return access_run.ended(found, printing)

    finish(command, context)

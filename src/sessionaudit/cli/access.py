"""`sessionaudit access`."""

from __future__ import annotations

from functools import partial

import typer  # noqa: TC002 - typer reads the annotations

from sessionaudit.cli.ending import finish
from sessionaudit.cli.options import access as a
from sessionaudit.cli.options import check as c
from sessionaudit.cli.options import shared as o
from sessionaudit.cli.options.effect import require_effect
from sessionaudit.cli.options.values import FailOn, address
from sessionaudit.report.formats.access import TABLE


def access(
    context: typer.Context,
    objects: a.Objects = None,
    database_url: o.DatabaseUrl = None,
    role: o.Role = "",
    contract: o.ContractFile = o.CONTRACT,
    as_: a.As = None,
    format_: a.AccessFormat = TABLE,
    output: o.Output = None,
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
        from sessionaudit.cli import access_run, check_run
        from sessionaudit.cli.terminal.single_page import print_page

        require_effect(context)
        asked = AccessPart(tuple(objects or ()), tuple(as_ or ()), tuple(only or ()), tuple(ignore or ()))
        found = access_run.examined(address(database_url, role), contract, asked, statement_timeout, fail_on.least)
        if not quiet or output:
            tell = None if quiet else partial(check_run.tell, found.report, (output,) if output else ())
            print_page(found, format_, output, tell, no_color=no_color, verbose=verbose)
        return check_run.code(found.report, fail_on.least)

    finish(command, context)

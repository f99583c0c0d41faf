"""`sessionaudit doctor`."""

from __future__ import annotations

import typer  # noqa: TC002 - typer reads the annotations

from sessionaudit.cli.ending import finish
from sessionaudit.cli.options import doctor as d
from sessionaudit.cli.options import shared as o
from sessionaudit.cli.options.effect import require_effect
from sessionaudit.cli.options.given import is_given
from sessionaudit.cli.options.values import address
from sessionaudit.report.formats.doctor import TABLE


def doctor(
    context: typer.Context,
    commands: d.Commands = None,
    database_url: o.DatabaseUrl = None,
    role: o.Role = "",
    contract: o.ContractFile = o.CONTRACT,
    format_: d.DoctorFormat = TABLE,
    output: o.Output = None,
    statement_timeout: o.StatementTimeout = 30,
    no_color: o.NoColor = False,
    verbose: d.Verbose = False,
) -> None:
    """Tell how a database is reached, and what each command lacks there. Nothing is written."""

    def command() -> int:
        from sessionaudit.cli import doctor_run
        from sessionaudit.cli.terminal.single_page import print_page

        require_effect(context)
        named = is_given(context, "contract") or contract != o.CONTRACT or contract.exists()
        asked = doctor_run.options(
            address(database_url, role), contract if named else None, commands or (), statement_timeout
        )
        found = doctor_run.diagnosed(asked)
        print_page(found, format_, output, no_color=no_color, verbose=verbose)
        return doctor_run.ended(found)

    finish(command, context)

"""`sessionaudit lint`."""

from __future__ import annotations

import typer  # noqa: TC002 - typer reads the annotations

from sessionaudit.cli.ending import finish
from sessionaudit.cli.options import check as c
from sessionaudit.cli.options import lint as l_
from sessionaudit.cli.options import shared as o
from sessionaudit.cli.options.asked_formats import TABLE
from sessionaudit.cli.options.effect import require_effect
from sessionaudit.cli.options.scan import ScanFormat
from sessionaudit.cli.options.values import FailOn


def lint(
    context: typer.Context,
    files: l_.Files = None,
    contract: o.ContractFile = o.CONTRACT,
    embedded: l_.Embedded = False,
    format_: ScanFormat = TABLE,
    output: o.Output = None,
    documentation_url: o.DocumentationUrl = "",
    fail_on: o.FailOnOption = FailOn.error,
    only: l_.Only = None,
    ignore: l_.Ignore = None,
    no_color: o.NoColor = False,
    quiet: o.Quiet = False,
    verbose: c.Verbose = False,
) -> None:
    """Check contracts without a database: syntax, names, types, files and waivers."""

    def command() -> int:
        from sessionaudit.cli import check_run
        from sessionaudit.cli.terminal.results import Printing
        from sessionaudit.lint.session import LintAsked, report_lint

        require_effect(context)
        printing = Printing.of(format_, output, documentation_url, no_color=no_color, quiet=quiet, verbose=verbose)
        asked = LintAsked(tuple(only or ()), tuple(ignore or ()), embedded)
        report = check_run.completed(report_lint(tuple(files or (contract,)), asked), fail_on.least)
        printing.print(report, lambda: check_run.tell(report, printing.files))
        return check_run.code(report, fail_on.least)

    finish(command, context)

"""`sessionaudit report diff`."""

from __future__ import annotations

import typer  # noqa: TC002 - typer reads the annotations

from sessionaudit.cli.ending import finish
from sessionaudit.cli.options import check as c
from sessionaudit.cli.options import report as r
from sessionaudit.cli.options import shared as o
from sessionaudit.cli.options.asked_formats import TABLE_OF_DIFFERENCES
from sessionaudit.cli.options.effect import require_effect


def report_diff(
    context: typer.Context,
    older: r.Older,
    newer: r.Newer,
    format_: r.DifferenceFormat = TABLE_OF_DIFFERENCES,
    output: o.Output = None,
    documentation_url: o.DocumentationUrl = "",
    fail_on: r.FailOnNewOption = None,
    no_color: o.NoColor = False,
    quiet: o.Quiet = False,
    verbose: c.Verbose = False,
) -> None:
    """Print what differs between two saved reports: what is new, worse, changed, gone, or not known."""

    def command() -> int:
        from sessionaudit.cli import report_diff_run
        from sessionaudit.cli.terminal.results import Printing

        require_effect(context)
        printing = Printing.of(format_, output, documentation_url, no_color=no_color, quiet=quiet, verbose=verbose)
        return report_diff_run.run(older, newer, printing, fail_on)

    finish(command, context)

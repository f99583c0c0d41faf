"""`sessionaudit report`."""

from __future__ import annotations

import typer  # noqa: TC002 - typer reads the annotations

from sessionaudit.cli.ending import finish
from sessionaudit.cli.options import check as c
from sessionaudit.cli.options import report as r
from sessionaudit.cli.options import shared as o
from sessionaudit.cli.options.asked_formats import TABLE
from sessionaudit.cli.options.effect import require_effect


def report(
    context: typer.Context,
    files: r.Files,
    format_: c.CheckFormat = TABLE,
    output: o.Output = None,
    documentation_url: o.DocumentationUrl = "",
    fail_on: r.FailOnOption = None,
    flat: c.Flat = False,
    no_color: o.NoColor = False,
    quiet: o.Quiet = False,
    verbose: c.Verbose = False,
) -> None:
    """Print a saved report in any format. `report diff OLDER NEWER` compares two. Needs no database and no contract."""

    def command() -> int:
        from sessionaudit.cli import report_run
        from sessionaudit.cli.terminal.results import Printing

        require_effect(context)
        printing = Printing.of(format_, output, documentation_url, no_color=no_color, quiet=quiet, verbose=verbose)
        return report_run.run(tuple(files), printing._replace(flat=flat), fail_on)

    finish(command, context)

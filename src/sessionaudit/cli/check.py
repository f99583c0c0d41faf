"""`sessionaudit check`."""

from __future__ import annotations

import typer  # noqa: TC002 - typer reads the annotations

from sessionaudit.cli.ending import finish
from sessionaudit.cli.options import baseline as b
from sessionaudit.cli.options import check as c
from sessionaudit.cli.options import shared as o
from sessionaudit.cli.options.asked_formats import TABLE
from sessionaudit.cli.options.effect import require_effect
from sessionaudit.cli.options.values import FailOn, address


def check(
    context: typer.Context,
    database_url: o.DatabaseUrl = None,
    role: o.Role = "",
    contract: o.ContractFile = o.CONTRACT,
    against: c.Against = None,
    schema: c.Schema = None,
    platform: c.OfPlatform = None,
    format_: c.CheckFormat = TABLE,
    output: o.Output = None,
    documentation_url: o.DocumentationUrl = "",
    fail_on: o.FailOnOption = FailOn.error,
    only: o.Only = None,
    ignore: o.Ignore = None,
    statement_timeout: o.StatementTimeout = 30,
    data_timeout: o.DataTimeout = 60,
    accept: c.Accept = None,
    baseline: b.Baseline = None,
    write_baseline: b.WriteBaseline = None,
    explain: c.Explain = False,
    flat: c.Flat = False,
    read_only: c.ReadOnly = False,
    no_color: o.NoColor = False,
    quiet: o.Quiet = False,
    verbose: c.Verbose = False,
) -> None:
    """Compare a live database with the contract and report drift. Never writes to the database."""

    def command() -> int:
        from sessionaudit.cli import check_accept, check_asked, check_ended, check_examined, check_run
        from sessionaudit.cli.terminal.results import Printing

        require_effect(context)
        printing = Printing.of(format_, output, documentation_url, no_color=no_color, quiet=quiet, verbose=verbose)
        limits = check_asked.Limits(statement_timeout, data_timeout)
        asked = check_asked.options(only or (), ignore or (), format_, limits, explain=explain, read_only=read_only)
        other = check_examined.Other(None if against is None else address(against, role), schema or (), platform)
        known, url = check_ended.known(baseline, write_baseline), address(database_url, role)
        check_accept.accept(url, contract, accept or (), asked, quiet=quiet)
        judge = check_run.judging(known.judge, fail_on.least)
        report = check_examined.examined(url, contract, other, asked, judge)
        return check_ended.ended(report, printing._replace(flat=flat), known, checklist=asked.checklist)

    finish(command, context)

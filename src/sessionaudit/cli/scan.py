"""`sessionaudit scan`."""

from __future__ import annotations

import typer  # noqa: TC002 - typer reads the annotations

from sessionaudit.cli.ending import finish
from sessionaudit.cli.options import baseline as b
from sessionaudit.cli.options import check as c
from sessionaudit.cli.options import scan as s
from sessionaudit.cli.options import shared as o
from sessionaudit.cli.options.asked_formats import TABLE
from sessionaudit.cli.options.effect import require_effect
from sessionaudit.cli.options.values import FailOn, address


def scan(
    context: typer.Context,
    paths: s.Paths = None,
    database_url: o.DatabaseUrl = None,
    role: o.Role = "",
    contract: o.ContractFile = o.CONTRACT,
    against: s.JudgedBy = None,
    schema: s.Schemas = None,
    exclude: s.Exclude = None,
    include_tests: s.Tests = False,
    format_: s.ScanFormat = TABLE,
    output: o.Output = None,
    documentation_url: o.DocumentationUrl = "",
    fail_on: o.FailOnOption = FailOn.error,
    only: o.Only = None,
    ignore: o.Ignore = None,
    baseline: b.Baseline = None,
    write_baseline: b.WriteBaseline = None,
    statement_timeout: o.StatementTimeout = 30,
    no_color: o.NoColor = False,
    quiet: o.Quiet = False,
    verbose: c.Verbose = False,
) -> None:
    """Find each query in source code, and have PostgreSQL judge it. Nothing is executed."""

    def command() -> int:
        from sessionaudit.audits.code.session import CodePart, CodePlace
        from sessionaudit.cli import check_ended, check_run, scan_next, scan_run
        from sessionaudit.cli.terminal.results import Printing

        require_effect(context)
        printing = Printing.of(format_, output, documentation_url, no_color=no_color, quiet=quiet, verbose=verbose)
        named = (tuple(paths or ()), tuple(exclude or ()), include_tests, tuple(schema or ()))
        place = CodePlace(contract, contract == o.CONTRACT, *named)
        known = check_ended.known(baseline, write_baseline)
        by = scan_run.Judged(against, database_url, address(database_url, role))
        part = CodePart(tuple(only or ()), tuple(ignore or ()))
        report = check_run.completed(known.judge(scan_run.scanned(place, by, part, statement_timeout)), fail_on.least)
        return check_ended.ended(scan_next.advised(report, by.url, statement_timeout), printing, known)

    finish(command, context)

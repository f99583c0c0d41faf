"""`sessionaudit check`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import typer  # noqa: TC002 - typer reads the annotations

from sessionaudit.cli import options as o
from sessionaudit.cli.option_conflicts import require_effect
from sessionaudit.cli.outcome import canvas, deliver, finish, say
from sessionaudit.core.counting import counted
from sessionaudit.errors import EXIT_CLEAN, EXIT_DATABASE, EXIT_FINDINGS
from sessionaudit.report import formats

if TYPE_CHECKING:
    from sessionaudit.repair.fixes import Fixes

EPILOG = """\b
Examples:
  sessionaudit check -d postgresql://app@db.internal/shop
  sessionaudit check --format json --output report.json
  sessionaudit check --only public.session_requests --fail-on warning
  sessionaudit check --ignore unexpected-index --ignore 'auth.*'
  sessionaudit check --only data --explain

\b
Exit codes: 0 clean, 1 findings, 2 the options or the contract are wrong,
3 the database could not be reached or a part could not be checked, 130 interrupted.
"""


def check(
    context: typer.Context,
    database_url: o.DatabaseUrl = None,
    role: o.Role = "",
    contract: o.ContractFile = Path("expected_schema.yaml"),
    format_: o.ReportFormat = formats.TABLE,
    output: o.Output = None,
    fail_on: o.FailOnOption = o.FailOn.error,
    only: o.Only = None,
    ignore: o.Ignore = None,
    statement_timeout: o.StatementTimeout = 30,
    data_timeout: o.DataTimeout = 60,
    explain: o.Explain = False,
    read_only: o.ReadOnly = False,
    no_color: o.NoColor = False,
    quiet: o.Quiet = False,
    verbose: o.Verbose = False,
) -> None:
    """Compare a live database with the contract and report drift. Never writes."""

    def command() -> int:
        from sessionaudit.audits import runner  # noqa: PLC0415
        from sessionaudit.audits.audit import Options  # noqa: PLC0415

        require_effect(context)
        asked = Options(
            only=tuple(only or ()),
            ignore=tuple(ignore or ()),
            read_only=read_only,
            statement_timeout=statement_timeout,
            data_timeout=data_timeout,
            explain=explain,
            fixes=_fixes() if format_.wants_fixes else None,
        )
        examination = runner.examine(o.address(database_url, role), contract, asked)
        report = examination.report
        if report.findings or any(outcome.unfit for outcome in report.outcomes):
            from sessionaudit.repair.advice import advised  # noqa: PLC0415 - a clean audit has no use for it

            report = advised(examination)
        if not quiet or output:
            page = canvas(no_color=no_color, verbose=verbose, output=output)
            deliver(format_.render(report, page), output, colour=page.colour)
        for note in report.notes if not quiet else ():
            say(f"warning: {note}.")
        if output and not quiet:
            say(f"{counted(len(report.findings), 'finding')}, written to {output}")
        least = fail_on.least
        if least is not None and any(finding.severity >= least for finding in report.findings):
            return EXIT_FINDINGS
        return EXIT_DATABASE if report.skipped else EXIT_CLEAN

    finish(command, context)


def _fixes() -> Fixes:
    from sessionaudit.repair.fixes import Fixes  # noqa: PLC0415 - not every format shows them

    return Fixes()

"""The options of `sessionaudit migrations`."""

from __future__ import annotations

import typer  # noqa: TC002 - typer reads the annotations

from sessionaudit.cli.ending import finish
from sessionaudit.cli.options import check as c
from sessionaudit.cli.options import migrations as m
from sessionaudit.cli.options import shared as o
from sessionaudit.cli.options.effect import require_effect
from sessionaudit.cli.options.values import FailOn, address


def migrations(
    context: typer.Context,
    database_url: o.DatabaseUrl = None,
    role: o.Role = "",
    contract: o.ContractFile = o.CONTRACT,
    folder: m.Folder = None,
    tool: m.Tool = "",
    platform: m.OfPlatform = None,
    files_only: m.FilesOnly = False,
    changed_since: m.ChangedSince = "",
    file: m.File = "",
    sql: m.Sql = "",
    allow: m.Allow = None,
    yes: o.Yes = False,
    continue_: m.GoOn = True,
    allow_command: m.AllowCommand = False,
    format_: m.MigrationsFormat = m.AS_TABLE,
    output: o.Output = None,
    documentation_url: o.DocumentationUrl = "",
    fail_on: o.FailOnOption = FailOn.error,
    only: o.Only = None,
    ignore: o.Ignore = None,
    baseline: m.Baseline = None,
    write_baseline: m.WriteBaseline = None,
    statement_timeout: o.StatementTimeout = 30,
    no_color: o.NoColor = False,
    quiet: o.Quiet = False,
    verbose: c.Verbose = False,
) -> None:
    """Compare the migration files, the ledger and the live database. Only --allow ledger writes, into the ledger."""

    def command() -> int:
        from sessionaudit.audits.migrations import examination, session
        from sessionaudit.cli.migrations import call, run
        from sessionaudit.cli.terminal.results import Printing

        require_effect(context)
        place = session.MigrationsPlace(address(database_url, role), contract, folder, tool, platform or "")
        part = session.MigrationsPart(files_only, changed_since, file, tuple(only or ()), tuple(ignore or ()))
        options = examination.MigrationOptions(not continue_, allow_command, statement_timeout)
        printing = Printing.of(format_, output, documentation_url, no_color=no_color, quiet=quiet, verbose=verbose)
        wanted = call.WantedOfMigrations(sql, tuple(allow or ()), yes, baseline, write_baseline)
        return run.run(call.MigrationsCall(place, part, options, printing, wanted, fail_on.least))

    finish(command, context)

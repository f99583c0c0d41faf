"""`sessionaudit backfill`."""

from __future__ import annotations

import typer  # noqa: TC002 - typer reads the annotations

from sessionaudit.cli.ending import finish
from sessionaudit.cli.options import backfill as b
from sessionaudit.cli.options import shared as o
from sessionaudit.cli.options.values import address
from sessionaudit.report.formats import broken_rows


def backfill(
    context: typer.Context,
    ids: b.Ids = None,
    database_url: o.DatabaseUrl = None,
    role: o.Role = "",
    contract: o.ContractFile = o.CONTRACT,
    invariant: b.Invariant = None,
    all_: b.All = False,
    list_: b.List = False,
    since: b.Since = "",
    limit: b.Limit = None,
    dry_run: o.DryRun = False,
    keep_older: b.KeepOlder = False,
    jobs: b.Jobs = 1,
    target: b.Target = 0.15,
    max_lag: b.MaxLag = None,
    pause_file: b.PauseFile = None,
    journal: b.JournalFile = None,
    undo: b.Undo = False,
    yes: o.Yes = False,
    format_: b.RowsFormat = broken_rows.TABLE,
    output: b.Output = None,
    statement_timeout: o.StatementTimeout = 30,
    data_timeout: o.DataTimeout = 60,
    quiet: o.Quiet = False,
) -> None:
    """Repair rows that violate an invariant: these, or all; or list them. Checks the schema first; --all asks first."""

    def command() -> int:
        from sessionaudit.cli.backfill import asked, modes

        asked.require_one_mode(context, ids=bool(ids), all_=all_, list_=list_, undo=undo)
        given = asked.BackfillCall(address(database_url, role), contract, invariant, statement_timeout, data_timeout)
        some = asked.Chosen(since, limit)
        if list_:
            return modes.list_rows(given, some, format_, output, quiet=quiet)
        page = asked.page_format(format_)
        options = modes.options(given, journal, dry=dry_run, keep_older=keep_older)
        if not all_:
            return modes.repair_ids(options, ids or (), page, quiet=quiet)
        pace = modes.pace(target=target, max_lag=max_lag, pause_file=pause_file)
        return modes.repair_all(options, some, jobs, pace, page, yes=yes, quiet=quiet)

    finish(command, context)

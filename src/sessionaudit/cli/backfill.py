"""`sessionaudit backfill`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from sessionaudit.cli import options as o
from sessionaudit.cli.option_conflicts import require_effect
from sessionaudit.cli.outcome import finish
from sessionaudit.errors import UsageError
from sessionaudit.report.formats import broken_rows
from sessionaudit.report.formats.backfill import FORMATS

EPILOG = """\b
Examples:
  sessionaudit backfill 62e91166-c36b-4bd5-bc51-5b168f1bd176
  sessionaudit backfill --dry-run 62e91166-c36b-4bd5-bc51-5b168f1bd176
  cat ids.txt | sessionaudit backfill -
  sessionaudit backfill --all --dry-run
  sessionaudit backfill --all --journal backfill.jsonl
  sessionaudit undo backfill.jsonl                             # undoes it
  sessionaudit backfill --list                               # every row that violates an invariant
  sessionaudit backfill --list --invariant session_has_request --format csv --output waiting.csv

\b
All changes are written to a journal: FILE, or one in $XDG_STATE_HOME/sessionaudit or ~/.local/state/sessionaudit.

\b
Exit codes: 0 every row is fine now, 1 some rows could not be repaired or the schema differs from the contract,
2 an id matches no row or several, or the options are wrong, 3 the database failed or a result could not be verified,
5 the journal could not be written, 130 interrupted.
With --list, which only reads: 0 no row is broken, 1 some are, 3 an invariant could not be listed completely.
"""

Ids = Annotated[
    list[str] | None,
    typer.Argument(
        metavar="[ID]...",
        help="Ids of the rows to repair, or other values under “by” in the contract; - reads them from stdin.",
    ),
]
Invariant = Annotated[
    str | None,
    typer.Option(
        metavar="NAME",
        help="The invariant to repair. Default: the one with “backfill: true”; with --all or --list, every invariant.",
    ),
]
All = Annotated[bool, typer.Option("--all", help="Repair every broken row, of one invariant or of all with a repair.")]
List = Annotated[
    bool, typer.Option("--list", help="Change nothing; list every broken row, of one invariant or of all.")
]
Since = Annotated[
    str,
    typer.Option(
        metavar="TIME", help="With --all or --list: only rows since this time, in any format that PostgreSQL accepts."
    ),
]
Limit = Annotated[
    int | None, typer.Option(min=1, metavar="N", help="With --all or --list: at most this many rows of each invariant.")
]
Output = Annotated[
    Path | None,
    typer.Option("--output", "-o", metavar="FILE", help="With --list: write it to FILE, atomically.", readable=False),
]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Show what would be done, and roll back.")]
KeepOlder = Annotated[bool, typer.Option("--keep-older", help="Do not change the rows that the new ones supersede.")]
Jobs = Annotated[int, typer.Option(metavar="N", min=1, max=16, help="With --all: how many batches run in parallel.")]
Target = Annotated[
    float, typer.Option(parser=o.seconds(), metavar="SECONDS", help="With --all: how long a batch should take.")
]
MaxLag = Annotated[
    float | None,
    typer.Option(
        parser=o.seconds(0), metavar="SECONDS", help="With --all: wait while a replica lags behind by more than this."
    ),
]
PauseFile = Annotated[Path | None, typer.Option(metavar="FILE", help="With --all: wait while this file exists.")]
JournalFile = Annotated[
    Path | None, typer.Option(metavar="FILE", help="Where to record the changes; resumes from an existing journal.")
]
Undo = Annotated[bool, typer.Option("--undo", hidden=True)]


def backfill(
    context: typer.Context,
    ids: Ids = None,
    database_url: o.DatabaseUrl = None,
    role: o.Role = "",
    contract: o.ContractFile = Path("expected_schema.yaml"),
    invariant: Invariant = None,
    all_: All = False,
    list_: List = False,
    since: Since = "",
    limit: Limit = None,
    dry_run: DryRun = False,
    keep_older: KeepOlder = False,
    jobs: Jobs = 1,
    target: Target = 0.15,
    max_lag: MaxLag = None,
    pause_file: PauseFile = None,
    journal: JournalFile = None,
    undo: Undo = False,
    yes: o.Yes = False,
    format_: o.RowsFormat = broken_rows.TABLE,
    output: Output = None,
    statement_timeout: o.StatementTimeout = 30,
    data_timeout: o.DataTimeout = 60,
    quiet: o.Quiet = False,
) -> None:
    """Repair rows that violate an invariant: these, or all; or list them. Checks the schema first; --all asks first."""

    def command() -> int:
        from sessionaudit.cli.long_running import collect_again  # noqa: PLC0415

        if undo:
            raise UsageError("undo is a separate command", hint="See `sessionaudit undo --help`.")
        if bool(ids) + all_ + list_ != 1:
            raise UsageError(
                "name the ids of the rows to repair, or --all, or --list", hint="Give exactly one of them."
            )
        require_effect(context)
        url = o.address(database_url, role)
        if list_:
            from sessionaudit.backfill.list_session import ListOptions  # noqa: PLC0415
            from sessionaudit.cli import backfill_list  # noqa: PLC0415

            rows = ListOptions(
                url=url,
                contract=contract,
                invariant=invariant,
                since=since,
                limit=limit,
                statement_timeout=statement_timeout,
                data_timeout=data_timeout,
            )
            return backfill_list.run(rows, format_, output, quiet=quiet)
        page = next((one for one in FORMATS if one.name == format_.name), None)
        if page is None:
            raise UsageError(f"--format {format_} is for lists", hint="Add --list, or use table or json.")
        from sessionaudit.backfill.session import BackfillOptions  # noqa: PLC0415

        options = BackfillOptions(
            url=url,
            contract=contract,
            invariant=invariant,
            dry=dry_run,
            keep_older=keep_older,
            journal=journal,
            statement_timeout=statement_timeout,
            data_timeout=data_timeout,
        )
        if not all_:
            from sessionaudit.cli import backfill_ids  # noqa: PLC0415

            return backfill_ids.run(options, ids or [], page, quiet=quiet)
        from sessionaudit.backfill.all_session import Everything  # noqa: PLC0415
        from sessionaudit.backfill.pace import Pace  # noqa: PLC0415
        from sessionaudit.cli import backfill_all  # noqa: PLC0415

        pace = Pace(target=target, max_lag=max_lag, pause_file=pause_file)
        collect_again()
        return backfill_all.run(options, Everything(since, limit, jobs, pace), page, yes=yes, quiet=quiet)

    finish(command, context)

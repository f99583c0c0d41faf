"""`sessionaudit backfill`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from sessionaudit.cli import options as o
from sessionaudit.cli.effect import require_effect
from sessionaudit.cli.outcome import finish
from sessionaudit.errors import UsageError

EPILOG = """\b
Examples:
  sessionaudit backfill 62e91166-c36b-4bd5-bc51-5b168f1bd176
  sessionaudit backfill --dry-run 62e91166-c36b-4bd5-bc51-5b168f1bd176
  cat ids.txt | sessionaudit backfill -
  sessionaudit backfill --all --dry-run
  sessionaudit backfill --all --journal mended.jsonl
  sessionaudit undo mended.jsonl                             # takes it back
  sessionaudit backfill --list                               # who waits? every row that breaks an invariant
  sessionaudit backfill --list --invariant session_has_request --format csv --output waiting.csv

\b
What was made is written into a journal: FILE, else one in $XDG_STATE_HOME/sessionaudit or ~/.local/state/sessionaudit.

\b
Exit codes: 0 every row is fine now, 1 some could not be mended or the schema is not fit,
2 an id names no row or several, or the call is wrong, 3 the database failed or something is not proven,
5 the journal could not be written, 130 interrupted.
With --list, which only reads: 0 no row is broken, 1 some are, 3 an invariant could not be listed whole.
"""

Ids = Annotated[
    list[str] | None,
    typer.Argument(
        metavar="[ID]...", help="Ids of the rows to mend, or what the contract finds them by; - reads them from stdin."
    ),
]
Invariant = Annotated[
    str | None,
    typer.Option(
        metavar="NAME",
        help="The invariant to mend; else the one with “backfill: true”; with --all and --list else every one.",
    ),
]
All = Annotated[bool, typer.Option("--all", help="Every broken row, of one invariant or of all with a repair.")]
List = Annotated[
    bool, typer.Option("--list", help="Change nothing: list every broken row, of one invariant or of all.")
]
Since = Annotated[
    str, typer.Option(metavar="TIME", help="With --all, --list: only rows since then, as PostgreSQL reads it.")
]
Limit = Annotated[
    int | None, typer.Option(min=1, metavar="N", help="With --all, --list: at most so many rows of each invariant.")
]
Output = Annotated[
    Path | None,
    typer.Option(
        "--output", "-o", metavar="FILE", help="With --list: write it into FILE, whole or not at all.", readable=False
    ),
]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Show what would be done, and roll it back.")]
KeepOlder = Annotated[bool, typer.Option("--keep-older", help="Leave the rows alone that the new ones supersede.")]
Jobs = Annotated[
    int, typer.Option(metavar="N", min=1, max=16, help="With --all: how many batches the server works on at once.")
]
Target = Annotated[
    float, typer.Option(parser=o.seconds(), metavar="SECONDS", help="With --all: how long a batch should take.")
]
MaxLag = Annotated[
    float | None,
    typer.Option(parser=o.seconds(0), metavar="SECONDS", help="With --all: wait while a replica lags so far."),
]
PauseFile = Annotated[Path | None, typer.Option(metavar="FILE", help="With --all: wait while this file is there.")]
JournalFile = Annotated[
    Path | None, typer.Option(metavar="FILE", help="Where to write what was made; goes on with one.")
]
Undo = Annotated[bool, typer.Option("--undo", hidden=True)]

_RUN_OF_ALL = ("jobs", "target", "max_lag", "pause_file")  # how a run over all rows goes


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
    format_: o.RowsFormatOption = o.RowsFormat.table,
    output: Output = None,
    statement_timeout: o.StatementTimeout = 30,
    data_timeout: o.DataTimeout = 60,
    quiet: o.Quiet = False,
) -> None:
    """Mend rows that break an invariant: these, or all; or list them. Looks at the schema first, asks before --all."""

    def command() -> int:
        from sessionaudit.backfill.pace import Pace  # noqa: PLC0415
        from sessionaudit.cli import mending  # noqa: PLC0415
        from sessionaudit.cli.mending_call import Call, Everything  # noqa: PLC0415

        if undo:
            raise UsageError("undo is a command of its own", hint="`sessionaudit undo --help` tells of it.")
        if bool(ids) + all_ + list_ != 1:
            raise UsageError("name the ids of the rows to mend, or --all, or --list", hint="One of them, and only one.")
        require_effect(
            context,
            (list_, "with --list, which changes nothing", ("dry_run", "keep_older", "journal", "yes", *_RUN_OF_ALL)),
            (list_ and quiet and not output, "with --quiet, which prints nothing", ("format_",)),
            (dry_run, "with --dry-run, which writes nothing", ("journal", "yes", *_RUN_OF_ALL)),
            (not (all_ or list_), "without --all", ("since", "limit", "data_timeout", "yes", *_RUN_OF_ALL)),
            (not list_, "without --list", ("output",)),
        )
        url = o.address(database_url, role)
        if list_:
            from sessionaudit.cli import listing  # noqa: PLC0415

            asked = listing.Call(url=url, contract=contract, invariant=invariant, since=since, limit=limit)
            asked = asked.with_(format=format_.value, output=output, quiet=quiet)
            return listing.run(asked.with_(statement_timeout=statement_timeout, data_timeout=data_timeout))
        if format_ in {o.RowsFormat.csv, o.RowsFormat.jsonl}:
            raise UsageError(f"--format {format_} is for lists", hint="Add --list, or choose table or json.")
        call = Call(url=url, contract=contract, invariant=invariant, dry=dry_run, yes=yes)
        call = call.with_(keep_older=keep_older, format_=o.Format(format_.value), quiet=quiet, journal=journal)
        call = call.with_(statement_timeout=statement_timeout, data_timeout=data_timeout)
        pace = Pace(target=target, max_lag=max_lag, pause_file=pause_file)
        return mending.run(call, ids or [], Everything(all_, since, limit, jobs, pace))

    finish(command, context)

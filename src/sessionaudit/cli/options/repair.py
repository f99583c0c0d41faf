"""The options of `repair`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from sessionaudit.cli.options import completing
from sessionaudit.cli.options import groups as g
from sessionaudit.cli.options.formats import PageFormat, format_option
from sessionaudit.cli.options.values import seconds
from sessionaudit.report.formats import plan

PlanFormat = Annotated[PageFormat, format_option(plan.FORMATS, "How to print the plan.")]
Transactional = Annotated[
    bool,
    typer.Option("--transactional", help="Print a script that can run in one transaction.", rich_help_panel=g.PLAN),
]
Apply = Annotated[bool, typer.Option("--apply", help="Run the plan, after confirmation.", rich_help_panel=g.CHANGES)]
Allow = Annotated[
    list[str] | None,
    typer.Option(
        metavar="HAZARD",
        help="Allow steps with this hazard: data-loss, drop, rewrite, not-valid, loosen, open, or all.",
        rich_help_panel=g.PLAN,
        autocompletion=completing.hazards,
    ),
]
WithData = Annotated[
    bool,
    typer.Option(
        "--with-data", help="Run the data repairs that the contract declares for constraints.", rich_help_panel=g.PLAN
    ),
]
Replace = Annotated[
    list[str] | None,
    typer.Option(
        metavar="TYPE.VALUE=VALUE", help="The new value of rows that hold a removed enum value.", rich_help_panel=g.PLAN
    ),
]
TimeZone = Annotated[
    str,
    typer.Option(
        metavar="ZONE",
        help="The time zone for converting values that need one: UTC, Europe/Berlin …",
        rich_help_panel=g.PLAN,
    ),
]
SavePlan = Annotated[
    Path | None,
    typer.Option(metavar="FILE", help="Save the plan, to apply it later.", readable=False, rich_help_panel=g.PLAN),
]
SavedPlan = Annotated[
    Path | None,
    typer.Option(
        metavar="FILE",
        help="Apply this saved plan, if the objects that it touches have not changed.",
        readable=False,
        rich_help_panel=g.CHANGES,
    ),
]
Before = Annotated[
    Path | None,
    typer.Option(
        metavar="FILE",
        help="Where --apply saves the previous state as a contract. Default: next to the log, or where journals are.",
        readable=False,
        rich_help_panel=g.CHANGES,
    ),
]
Log = Annotated[
    Path | None,
    typer.Option(metavar="FILE", help="Append a log as JSON lines.", readable=False, rich_help_panel=g.CHANGES),
]
LockTimeout = Annotated[
    float,
    typer.Option(
        metavar="SECONDS", parser=seconds(), help="How long one attempt waits for a lock.", rich_help_panel=g.LIMITS
    ),
]
LockWait = Annotated[
    float,
    typer.Option(metavar="SECONDS", parser=seconds(0), help="How long to retry for a lock.", rich_help_panel=g.LIMITS),
]
QuietPlan = Annotated[
    bool,
    typer.Option(
        "--quiet", "-q", help="Print only the plan and errors; with --apply, only errors.", rich_help_panel=g.OUTPUT
    ),
]

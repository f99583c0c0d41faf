"""`sessionaudit repair`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from sessionaudit.cli import options as o
from sessionaudit.cli.option_conflicts import require_effect
from sessionaudit.cli.outcome import finish
from sessionaudit.report.formats import plan as plan_formats

EPILOG = """\b
Examples:
  sessionaudit repair                                        # prints the SQL, changes nothing
  sessionaudit repair --transactional --output repairs/fix.sql
  sessionaudit repair --apply
  sessionaudit repair --apply --yes --allow rewrite --with-data --log repair.log
  sessionaudit repair --save-plan plan.json                  # review it, then:
  sessionaudit repair --apply --plan plan.json

\b
Exit codes: 0 done (or printed), 1 findings at or above --fail-on remain that were held back or have no cure,
2 the options or the contract are wrong, 3 the database could not be reached or a part could not be checked,
4 the database changed since a plan was saved, 5 the plan cannot be applied, a step failed, or a finding that
should be repaired remains, 130 interrupted.
"""


def repair(
    context: typer.Context,
    database_url: o.DatabaseUrl = None,
    role: o.Role = "",
    contract: o.ContractFile = Path("expected_schema.yaml"),
    format_: o.PlanFormat = plan_formats.SQL,
    output: o.Output = None,
    transactional: Annotated[
        bool, typer.Option("--transactional", help="Print a script that can run in one transaction.")
    ] = False,
    apply: Annotated[bool, typer.Option("--apply", help="Run the plan, after confirmation.")] = False,
    yes: o.Yes = False,
    allow: Annotated[
        list[str] | None,
        typer.Option(
            metavar="HAZARD",
            help="Allow steps with this hazard: data-loss, drop, rewrite, not-valid, loosen, open, or all.",
        ),
    ] = None,
    with_data: Annotated[
        bool, typer.Option("--with-data", help="Run the data repairs that the contract declares for constraints.")
    ] = False,
    replace: Annotated[
        list[str] | None,
        typer.Option(metavar="TYPE.VALUE=VALUE", help="The new value of rows that hold a removed enum value."),
    ] = None,
    time_zone: Annotated[
        str,
        typer.Option(metavar="ZONE", help="The time zone for converting values that need one: UTC, Europe/Berlin …"),
    ] = "",
    only: o.Only = None,
    ignore: o.Ignore = None,
    fail_on: o.FailOnOption = o.FailOn.error,
    save_plan: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Save the plan, to apply it later.", readable=False)
    ] = None,
    plan: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE",
            help="Apply this saved plan, if the objects that it touches have not changed.",
            readable=False,
        ),
    ] = None,
    before: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE",
            help="Where --apply saves the previous state as a contract. Default: next to the log, or here.",
            readable=False,
        ),
    ] = None,
    log: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Append a log as JSON lines.", readable=False)
    ] = None,
    lock_timeout: Annotated[
        float, typer.Option(metavar="SECONDS", parser=o.seconds(), help="How long one attempt waits for a lock.")
    ] = 0.1,
    lock_wait: Annotated[
        float, typer.Option(metavar="SECONDS", parser=o.seconds(0), help="How long to retry for a lock.")
    ] = 60,
    statement_timeout: o.StatementTimeout = 30,
    no_color: o.NoColor = False,
    quiet: o.QuietPlan = False,
) -> None:
    """Print or apply the SQL that repairs what check finds."""

    def command() -> int:
        from sessionaudit.audits.audit import Options as Reading  # noqa: PLC0415
        from sessionaudit.cli import repair_call, repair_run  # noqa: PLC0415
        from sessionaudit.repair import choices, permission  # noqa: PLC0415
        from sessionaudit.repair.apply import Manner  # noqa: PLC0415
        from sessionaudit.repair.propose import Options  # noqa: PLC0415

        require_effect(context)
        call = repair_call.Call(
            url=o.address(database_url, role),
            contract=contract,
            format=format_,
            output=output,
            transactional=transactional,
            apply=apply,
            yes=yes,
            save_plan=save_plan,
            plan=plan,
            fail_on=fail_on.least,
            before=before,
            log=log,
            no_color=no_color,
            quiet=quiet,
        )
        reading = Reading(only=tuple(only or ()), ignore=tuple(ignore or ()), statement_timeout=statement_timeout)
        asked = Options(
            reading=reading,
            allowed=permission.allowed(allow or ()),
            with_data=with_data,
            choices=choices.read(replace or ()),
            zone=time_zone,
        )
        return repair_run.run(call, asked, Manner(lock_timeout=lock_timeout, lock_wait=lock_wait))

    finish(command, context)

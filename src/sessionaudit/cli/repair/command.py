"""`sessionaudit repair`."""

from __future__ import annotations

import typer  # noqa: TC002 - typer reads the annotations

from sessionaudit.cli.ending import finish
from sessionaudit.cli.options import repair as r
from sessionaudit.cli.options import shared as o
from sessionaudit.cli.options.effect import require_effect
from sessionaudit.cli.options.values import FailOn, address
from sessionaudit.postgres.lock_timeouts import REPAIR_STEP
from sessionaudit.report.formats.plan import SQL


def repair(
    context: typer.Context,
    database_url: o.DatabaseUrl = None,
    role: o.Role = "",
    contract: o.ContractFile = o.CONTRACT,
    format_: r.PlanFormat = SQL,
    output: o.Output = None,
    transactional: r.Transactional = False,
    apply: r.Apply = False,
    yes: o.Yes = False,
    allow: r.Allow = None,
    with_data: r.WithData = False,
    replace: r.Replace = None,
    time_zone: r.TimeZone = "",
    only: o.Only = None,
    ignore: o.Ignore = None,
    fail_on: o.FailOnOption = FailOn.error,
    save_plan: r.SavePlan = None,
    plan: r.SavedPlan = None,
    before: r.Before = None,
    log: r.Log = None,
    lock_timeout: r.LockTimeout = REPAIR_STEP,
    lock_wait: r.LockWait = 60,
    statement_timeout: o.StatementTimeout = 30,
    no_color: o.NoColor = False,
    quiet: r.QuietPlan = False,
) -> None:
    """Print or apply the SQL that repairs what check finds."""

    def command() -> int:
        from sessionaudit.cli.repair import asked, call, run
        from sessionaudit.repair.apply import Manner

        require_effect(context)
        url, least = address(database_url, role), fail_on.least
        files = call.Files(output=output, save_plan=save_plan, plan=plan, before=before, log=log)
        shown = call.Shown(format=format_, transactional=transactional, no_color=no_color, quiet=quiet)
        given = call.Call(url=url, contract=contract, files=files, shown=shown, apply=apply, yes=yes, fail_on=least)
        words = asked.Words(only=only, ignore=ignore, allow=allow, replace=replace)
        options = asked.plan_options(words, statement_timeout=statement_timeout, with_data=with_data, zone=time_zone)
        return run.run(given, options, Manner(lock_timeout=lock_timeout, lock_wait=lock_wait))

    finish(command, context)

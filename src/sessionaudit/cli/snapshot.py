"""`sessionaudit snapshot`."""

from __future__ import annotations

import typer  # noqa: TC002 - typer reads the annotations

from sessionaudit.cli.ending import finish
from sessionaudit.cli.options import shared as o
from sessionaudit.cli.options import snapshot as n
from sessionaudit.cli.options.effect import require_effect
from sessionaudit.cli.options.values import address


def snapshot(
    context: typer.Context,
    database_url: o.DatabaseUrl = None,
    role: o.Role = "",
    schema: n.Schema = None,
    only: n.Only = None,
    platform: n.PlatformOption = None,
    sql: n.Sql = None,
    migrations: n.Migrations = None,
    used_by: n.UsedBy = None,
    exclude: n.Exclude = None,
    include_tests: n.Tests = False,
    output: o.Output = None,
    split: n.Split = None,
    overwrite: n.Overwrite = False,
    update: n.Update = None,
    all_: n.All = False,
    dry_run: n.DryRun = False,
    check: n.Check = False,
    statement_timeout: o.StatementTimeout = 30,
    quiet: n.Quiet = False,
) -> None:
    """Write a contract of a live database, which is only read, or of files of SQL."""

    def command() -> int:
        from sessionaudit.cli import snapshot_made, snapshot_split, snapshot_update
        from sessionaudit.cli.used_code import code_of
        from sessionaudit.snapshot.taking import SnapshotOptions

        require_effect(context)
        asked = SnapshotOptions(
            schemas=tuple(schema or ()),
            only=tuple(only or ()),
            platform=platform,
            statement_timeout=statement_timeout,
            code=code_of(used_by, exclude, schema, output, split, tests=include_tests),
        )
        url = address(database_url, role)
        if update is not None:
            return snapshot_update.run(url, update, asked, all_=all_, dry_run=dry_run, check=check, quiet=quiet)
        if split is not None:
            return snapshot_split.run(url, sql, migrations, asked, split, overwrite=overwrite, quiet=quiet)
        return snapshot_made.run(url, sql, migrations, asked, output, overwrite=overwrite, quiet=quiet)

    finish(command, context)

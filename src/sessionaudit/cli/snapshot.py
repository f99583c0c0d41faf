"""`sessionaudit snapshot`."""

from __future__ import annotations

import typer  # noqa: TC002 - typer reads the annotations

from sessionaudit.cli.ending import finish
from sessionaudit.cli.options import shared as o
from sessionaudit.cli.options import snapshot as n
from sessionaudit.cli.options.effect import require_effect
from sessionaudit.cli.options.values import address
from sessionaudit.cli.terminal.messages import say
from sessionaudit.cli.terminal.result import deliver
from sessionaudit.errors import EXIT_CLEAN, EXIT_DATABASE
from sessionaudit.writing import require_new


def snapshot(
    context: typer.Context,
    database_url: o.DatabaseUrl = None,
    role: o.Role = "",
    schema: n.Schema = None,
    only: n.Only = None,
    platform: n.PlatformOption = None,
    sql: n.Sql = None,
    migrations: n.Migrations = None,
    output: o.Output = None,
    overwrite: n.Overwrite = False,
    statement_timeout: o.StatementTimeout = 30,
    quiet: n.Quiet = False,
) -> None:
    """Write a contract of a live database, which is only read, or of files of SQL."""

    def command() -> int:
        from sessionaudit.cli import snapshot_made  # noqa: PLC0415
        from sessionaudit.snapshot.taking import SnapshotOptions  # noqa: PLC0415

        require_effect(context)
        require_new(None if overwrite else output, "Choose another file, or replace it with --overwrite.")
        asked = SnapshotOptions(
            schemas=tuple(schema or ()),
            only=tuple(only or ()),
            platform=platform,
            statement_timeout=statement_timeout,
        )
        made = snapshot_made.make(address(database_url, role), sql, migrations, asked)
        deliver(made.text, output)
        for sentence in made.told(str(output or "")) if not quiet else ():
            say(sentence)
        return EXIT_CLEAN if made.whole else EXIT_DATABASE

    finish(command, context)

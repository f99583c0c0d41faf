"""`sessionaudit snapshot`."""

from __future__ import annotations

from typing import Annotated

import typer

from sessionaudit.cli import options as o
from sessionaudit.cli.option_conflicts import require_effect
from sessionaudit.cli.outcome import deliver, finish, say
from sessionaudit.errors import EXIT_CLEAN, EXIT_DATABASE
from sessionaudit.snapshot.platform import Platform  # noqa: TC001 - typer reads the annotations
from sessionaudit.writing import require_new

EPILOG = """\b
Examples:
  sessionaudit snapshot -d postgresql://app@db.internal/shop --output expected_schema.yaml
  sessionaudit snapshot --schema public --schema billing
  sessionaudit snapshot --only 'public.order*'

\b
Exit codes: 0 done, 2 the call is wrong, 3 the database could not be reached or a part could not be read,
130 interrupted.
"""


def snapshot(
    context: typer.Context,
    database_url: o.DatabaseUrl = None,
    role: o.Role = "",
    schema: Annotated[
        list[str] | None,
        typer.Option(
            metavar="NAME", help="A schema; may be repeated. Default: all but PostgreSQL's and the platform's own."
        ),
    ] = None,
    only: Annotated[
        list[str] | None, typer.Option(metavar="GLOB", help="Only objects that a glob names; may be repeated.")
    ] = None,
    platform: Annotated[
        Platform | None,
        typer.Option(help="Whose own schemas to leave out. Default: recognised by its roles and schemas."),
    ] = None,
    output: o.Output = None,
    overwrite: Annotated[bool, typer.Option("--overwrite", help="Replace the file of --output if it exists.")] = False,
    statement_timeout: o.StatementTimeout = 30,
    quiet: o.QuietPlan = False,
) -> None:
    """Write a contract of a live database. Never writes to it."""

    def command() -> int:
        from sessionaudit.report import snapshot_sentences  # noqa: PLC0415
        from sessionaudit.snapshot import session  # noqa: PLC0415
        from sessionaudit.snapshot.taking import Asked  # noqa: PLC0415

        require_effect(context)
        require_new(None if overwrite else output, "Choose another file, or replace it with --overwrite.")
        asked = Asked(
            schemas=tuple(schema or ()),
            only=tuple(only or ()),
            platform=platform,
            statement_timeout=statement_timeout,
        )
        made = session.make(o.address(database_url, role), asked)
        deliver(made.text, output)
        for sentence in snapshot_sentences.told(made, str(output or "")) if not quiet else ():
            say(sentence)
        return EXIT_DATABASE if made.snapshot.skipped else EXIT_CLEAN

    finish(command, context)

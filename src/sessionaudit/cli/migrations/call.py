"""What a call of `migrations` asks for."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from pathlib import Path

    from sessionaudit.audits.migrations.examination import MigrationOptions
    from sessionaudit.audits.migrations.session import MigrationsPart, MigrationsPlace
    from sessionaudit.cli.terminal.results import Printing
    from sessionaudit.core.finding import Severity


class WantedOfMigrations(NamedTuple):
    """The migration whose SQL is wanted, "" for none; what --allow names, and whether nothing is to be asked.

    `baseline` accepts findings, and the new one goes to `write_baseline`.
    """

    sql: str = ""
    allow: tuple[str, ...] = ()
    yes: bool = False
    baseline: Path | None = None
    write_baseline: Path | None = None


class MigrationsCall(NamedTuple):
    """A call; findings of the severity `fail_on` or above make the exit code 1."""

    place: MigrationsPlace
    part: MigrationsPart
    options: MigrationOptions
    printing: Printing
    wanted: WantedOfMigrations
    fail_on: Severity | None

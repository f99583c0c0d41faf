"""What a call of `migrations` asks for."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from pathlib import Path

    from sessionaudit.audits.migrations.examination import MigrationOptions
    from sessionaudit.audits.migrations.session import MigrationsPart, MigrationsPlace
    from sessionaudit.cli.options.formats import PageFormat
    from sessionaudit.core.finding import Severity


class ShownMigrations(NamedTuple):
    """How the page is printed, and how much is said."""

    format: PageFormat
    output: Path | None
    no_color: bool
    quiet: bool
    verbose: bool


class WantedOfMigrations(NamedTuple):
    """The migration whose SQL is wanted, "" for none; what --allow names, and whether nothing is to be asked."""

    sql: str = ""
    allow: tuple[str, ...] = ()
    yes: bool = False


class MigrationsCall(NamedTuple):
    """A call; findings of the severity `fail_on` or above make the exit code 1."""

    place: MigrationsPlace
    part: MigrationsPart
    options: MigrationOptions
    shown: ShownMigrations
    wanted: WantedOfMigrations
    fail_on: Severity | None

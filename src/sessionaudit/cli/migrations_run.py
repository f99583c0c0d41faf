"""What `sessionaudit migrations` does: the migrations are examined, and their page is printed."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from sessionaudit.audits.migrations.examination import MigrationOptions
from sessionaudit.audits.migrations.session import MigrationsAsked, MigrationsReport, report_migrations
from sessionaudit.cli import check_run
from sessionaudit.cli.terminal.canvas import canvas
from sessionaudit.cli.terminal.result import deliver
from sessionaudit.report.formats.migrations.content import MigrationsPage
from sessionaudit.report.migration_sentences import next_commands

if TYPE_CHECKING:
    from pathlib import Path

    from sessionaudit.cli.options.formats import PageFormat
    from sessionaudit.core.finding import Severity
    from sessionaudit.postgres.connection import Url


class Where(NamedTuple):
    """The database, the contract, and what the options say in its place."""

    url: Url
    contract: Path
    folder: Path | None
    tool: str
    platform: str | None


class Part(NamedTuple):
    """What of it is asked for."""

    files_only: bool
    changed_since: str
    file: str
    only: tuple[str, ...]
    ignore: tuple[str, ...]


def examined(where: Where, part: Part, *, timeout: float, stop: bool) -> MigrationsReport:
    """What was found. Raises SessionAuditError."""
    asked = MigrationsAsked(
        url=where.url,
        contract=where.contract,
        folder=where.folder,
        tool=where.tool,
        platform=where.platform or "",
        files_only=part.files_only,
        changed_since=part.changed_since,
        file=part.file,
        only=part.only,
        ignore=part.ignore,
        options=MigrationOptions(stop=stop, timeout=timeout),
    )
    return report_migrations(asked)


def print_page(
    found: MigrationsReport, format_: PageFormat, output: Path | None, *, no_color: bool, verbose: bool
) -> None:
    """Print it on stdout, or into a file."""
    sheet = canvas(no_color=no_color, verbose=verbose, output=output)
    page = MigrationsPage(found=found, next=next_commands(found))
    deliver(format_.render(page, sheet), output, colour=sheet.colour)


def tell(found: MigrationsReport, output: Path | None) -> None:
    """Say on stderr where the page is."""
    check_run.tell(found.report, output)


def code(found: MigrationsReport, least: Severity | None) -> int:
    """The exit code; `least` is the severity from which on findings count."""
    return check_run.code(found.report, least)

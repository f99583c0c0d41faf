"""Cases of migrations: a folder, a ledger, a database, and what must be said of each file.

A case is `tests/cases/migrations/CASE/`: `migrations/`, `contract.yaml`, `ledger.sql` if there is one, `actual.sql`,
which makes the rest of the database and begins with the case's trap, and `findings.json`. Where there is `instead.txt`,
it has what is told to write instead of each statement that is rejected.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from servers import connect
from sessionaudit.audits.migrations.examination import MigrationOptions
from sessionaudit.audits.migrations.session import MigrationsPart, MigrationsPlace, report_migrations
from sessionaudit.report.formats.migrations.content import MigrationsPage, word

if TYPE_CHECKING:
    from sessionaudit.audits.migrations.session import MigrationsReport

CASES = Path(__file__).with_name("cases") / "migrations"


def all_cases() -> list[Path]:
    """The directory of each case, by name."""
    return sorted(path.parent for path in CASES.glob("*/contract.yaml"))


def build(case: Path, url: str) -> None:
    """Make the database of a case."""
    with connect(url) as connection:
        for name in ("ledger.sql", "actual.sql"):
            if (case / name).exists():
                connection.execute((case / name).read_bytes())


def examined(case: Path, url: str, *, files_only: bool = False) -> MigrationsReport:
    """What is said of a case."""
    place = MigrationsPlace(url, case / "contract.yaml")
    return report_migrations(place, MigrationsPart(files_only), MigrationOptions())


def golden(found: MigrationsReport) -> dict[str, Any]:
    """What stands in `findings.json`: the table, the findings with their places, and what was not looked at."""
    page = MigrationsPage(found=found)
    return {
        "table": [[one.file, one.ledger, one.database, word(one, page)] for one in found.migrations],
        "findings": [
            {
                "code": one.rule.code,
                "rule": one.rule.name,
                "severity": str(one.severity),
                "object": str(one.ref),
                "facet": one.facet,
                "places": [str(location) for location in one.locations],
                "explains": [str(ref) for ref in one.explains if one.rule.name != "rejected-migration"],
            }
            for one in found.report.findings
        ],
        "skipped": [one.what for one in found.report.skipped],
    }


def told_instead(case: Path, found: MigrationsReport, *, regenerated: bool) -> tuple[str, str]:
    """What is told to write instead, and what must be; nothing for a case without `instead.txt`."""
    file = case / "instead.txt"
    if not file.exists():
        return "", ""
    if regenerated:
        file.write_text(instead(found), encoding="utf-8")
    return instead(found), file.read_text(encoding="utf-8")


def stored(case: Path) -> dict[str, Any]:
    """What must be said."""
    file = case / "findings.json"
    return json.loads(file.read_text(encoding="utf-8")) if file.exists() else {}


def instead(found: MigrationsReport) -> str:
    """What stands in `instead.txt`."""
    history = found.examined.evidence.history
    failures = [failure for file in (history.files if history else ()) for failure in file.failures]
    return "".join(f"{one.location} {one.state} {one.message}\n  {one.advice}\n" for one in failures)


def regenerate(case: Path, said: dict[str, Any]) -> None:
    """Write it anew."""
    text = json.dumps(said, indent=2, ensure_ascii=False) + "\n"
    (case / "findings.json").write_text(text, encoding="utf-8")


class MakeProject(Protocol):
    """Makes a case of some texts, and its database with what is `there`; returns the URL and the case."""

    def __call__(self, *texts: str, there: str = "") -> tuple[str, Path]: ...


def a_case(folder: Path, *texts: str) -> Path:
    """A case whose migrations have these texts, for a database without a ledger."""
    (folder / "migrations").mkdir(parents=True)
    for number, text in enumerate(texts, start=1):
        (folder / "migrations" / f"2024010{number}000000_m{number}.sql").write_text(text, encoding="utf-8")
    contract = "version: 1\nmigrations: {folder: migrations, tool: supabase, platform: none}\n"
    (folder / "contract.yaml").write_text(contract, encoding="utf-8")
    return folder

"""Histories of migrations as projects have them: a folder of thirty files and more, a ledger, and a database.

A history is `tests/histories/NAME/`: the project's folder of migrations, `contract.yaml`, `ledger.sql`, and
`actual.sql`, which makes the rest of the database: a line `\\i FILE` runs a file of the folder. `told.txt` is all that
is printed, 140 characters wide, and `verdicts.json` the list of verdicts as `--format json` has it.
"""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

from servers import connect
from sessionaudit.audits.migrations.examination import MigrationOptions
from sessionaudit.audits.migrations.session import MigrationsPart, MigrationsPlace, report_migrations
from sessionaudit.contract.loader import load
from sessionaudit.contract.migrations import folder_of
from sessionaudit.core.printed_commands import CALLING
from sessionaudit.embedded.replay import SUPABASE
from sessionaudit.report import Canvas
from sessionaudit.report.formats.migrations import json_, table
from sessionaudit.report.formats.migrations.content import MigrationsPage
from sessionaudit.report.migration_sentences import with_advice

HISTORIES = Path(__file__).with_name("histories")
_RUN = re.compile(r"^\\i (.+)\n", re.MULTILINE)
_WIDE = 140


def all_histories() -> list[Path]:
    """The directory of each history, by name."""
    return sorted(path.parent for path in HISTORIES.glob("*/contract.yaml"))


def build(history: Path, url: str) -> None:
    """Make the database of a history."""
    contract = load(history / "contract.yaml")
    declared = contract.migrations
    assert declared is not None
    folder = folder_of(contract.file, declared)
    text = (history / "actual.sql").read_text(encoding="utf-8")
    parts = _RUN.split(text)  # every other one is a name
    with connect(url) as connection:
        if declared.platform == "supabase":
            connection.execute(SUPABASE.read_bytes())
        connection.execute((history / "ledger.sql").read_bytes())
        for place, part in enumerate(parts):
            connection.execute((folder / part).read_bytes() if place % 2 else part.encode())


def told(history: Path, url: str) -> tuple[str, list[dict[str, Any]]]:
    """What is printed of a history, and its verdicts, but for the name of the database and the server's version."""
    CALLING.forget()  # whatever another test called
    found = report_migrations(MigrationsPlace(url, history / "contract.yaml"), MigrationsPart(), MigrationOptions())
    page = MigrationsPage(found=with_advice(found))
    canvas = Canvas(width=_WIDE)
    printed = table.render(page, canvas).replace(str(found.report.database), "the database")
    kept = ("file", "version", "ledger", "database", "verdict", "missing")
    verdicts = [{name: one[name] for name in kept} for one in json.loads(json_.render(page, canvas))["migrations"]]
    return printed, verdicts

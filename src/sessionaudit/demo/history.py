"""The migrations of the session-request system: as they should be, and as they were found.

Those in the directory beside this module make the system. Three of them were found otherwise, and PostgreSQL rejects
them: a policy with IF NOT EXISTS, $ in place of $$, and a name that comes before that of the file that makes the table.
"""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

FOLDER = "supabase/migrations"
_FILES = Path(__file__).with_name("migrations")


class Slip(NamedTuple):
    """What is wrong in a file: the text that was found, and the right one in its place."""

    file: str
    found: str
    right: str


SLIPS = (
    Slip("20251029000000_session_requests_access.sql", "create policy if not exists", "create policy"),
    Slip("20251030000000_session_requests_realtime.sql", "$", "$$"),
)
UNSEEN = "20251028000000"  # the version of one that adds nothing where its table is there already
# The name with which the file was found, and the right one: it alters the table that 20251028000000 makes.
EARLY = "20251022000002_fix_session_requests_mechanic_fkey.sql"
LATE = "20251028000001_fix_session_requests_mechanic_fkey.sql"
RENUMBER = (
    "update supabase_migrations.schema_migrations set version = '20251028000001' where version = '20251022000002'"
)


def texts() -> dict[str, str]:
    """Return the files as they should be, by name and in their order."""
    return {file.name: file.read_text(encoding="utf-8") for file in sorted(_FILES.glob("*.sql"))}


def write_broken(folder: Path) -> None:
    """Write the files as they were found into a new directory."""
    folder.mkdir(parents=True)
    for name, right in texts().items():
        text = right
        for slip in (one for one in SLIPS if one.file == name):
            text = text.replace(slip.right, slip.found)
        (folder / (EARLY if name == LATE else name)).write_text(text, encoding="utf-8")


def correct(folder: Path) -> None:
    """Do to the files what `corrections` says."""
    (folder / EARLY).rename(folder / LATE)
    for slip in SLIPS:
        file = folder / slip.file
        file.write_text(file.read_text(encoding="utf-8").replace(slip.found, slip.right), encoding="utf-8")


def corrections() -> tuple[str, ...]:
    """Say how a person corrects the files: what is found, and what is right."""
    return (*(f"{slip.file}: {slip.found} → {slip.right}" for slip in SLIPS), f"{EARLY}\n    → {LATE}")

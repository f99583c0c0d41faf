"""The application of the session-request system, as it was found: it hears of no failure.

It looks for a status that the enum does not have, does not look at the error of a write, and logs that of another.
"""

from __future__ import annotations

import shutil
from pathlib import Path

from sessionaudit.demo.history import Slip

FOLDER = "application"
_FILES = Path(__file__).with_name("application")

SLIPS = (
    Slip("src/lib/statuses.ts", "['pending', 'unattended']", "['pending']"),
    Slip(
        "src/lib/sessions/request.ts", "    await supabaseAdmin\n", "    const { error: kept } = await supabaseAdmin\n"
    ),
    Slip(
        "src/lib/sessions/request.ts",
        ".is('mechanic_id', null)\n\n",
        ".is('mechanic_id', null)\n    if (kept) throw kept\n\n",
    ),
    Slip(
        "src/lib/sessions/request.ts",
        "    console.error('createRequest', error)\n",
        "    console.error('createRequest', error)\n    throw error\n",
    ),
)


def write_broken(folder: Path) -> None:
    """Write the files as they were found into a new directory."""
    shutil.copytree(_FILES, folder)


def correct(folder: Path) -> None:
    """Do to the files what `corrections` says."""
    for slip in SLIPS:
        file = folder / slip.file
        file.write_text(file.read_text(encoding="utf-8").replace(slip.found, slip.right, 1), encoding="utf-8")


def corrections() -> tuple[str, ...]:
    """Say how a person corrects the files."""
    return (
        "src/lib/statuses.ts: a request is never 'unattended'",
        "src/lib/sessions/request.ts: throw the error of the update, too, and do not swallow what is thrown",
    )

"""No tool that is known: all files of SQL, in the order of their names, and no ledger."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from sessionaudit.audits.migrations.ledgers.interface import Ledger, SeenFiles
from sessionaudit.audits.migrations.ledgers.reading import of_file
from sessionaudit.audits.migrations.ledgers.upward import ANY
from sessionaudit.audits.migrations.model import BY_PSQL

if TYPE_CHECKING:
    from sessionaudit.audits.migrations.ledgers.listing import Listing

OF_ONE = ("migration.sql", "up.sql")  # where each migration has a directory
_DIGITS = re.compile(r"([0-9]+)[_-]?(.*)")


def _claims(_listing: Listing) -> bool:
    """It is for what no other tool claims."""
    return False


def _seen(listing: Listing) -> SeenFiles:
    found = list(listing.sql)
    if any(file.endswith(".up.sql") for file in found):
        found = [file for file in found if not file.endswith(".down.sql")]
    files = found or [file for name in OF_ONE for file in listing.files if file.partition("/")[2] == name]
    return SeenFiles([of_file(listing, file, version=file, name=_name(file), marks=ANY) for file in files])


def _name(file: str) -> str:
    stem = file.removesuffix(".sql").removesuffix("/up").removesuffix("/migration")
    match = _DIGITS.fullmatch(stem)
    return match[2] if match else stem


LEDGER = Ledger(name="plain", title="files of SQL", claims=_claims, seen=_seen, sending=BY_PSQL)

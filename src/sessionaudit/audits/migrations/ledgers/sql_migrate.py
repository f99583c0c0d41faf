"""sql-migrate: any file of SQL with `-- +migrate Up` and `-- +migrate Down`, recorded by its whole name."""

from __future__ import annotations

import re
from functools import partial
from typing import TYPE_CHECKING

from sessionaudit.audits.migrations.ledgers.interface import TEXT, TIME, Kept, Ledger, SeenFiles
from sessionaudit.audits.migrations.ledgers.reading import applied, ignored, of_file, plainly
from sessionaudit.audits.migrations.ledgers.upward import SQL_MIGRATE
from sessionaudit.sql.text import literal

if TYPE_CHECKING:
    from sessionaudit.audits.migrations.ledgers.listing import Listing
    from sessionaudit.audits.migrations.model import Migration, Recorded

_ALONE = re.compile(r"^--[ \t]*\+migrate[ \t]+up[ \t]+notransaction\b", re.MULTILINE | re.IGNORECASE)
_NUMBER = re.compile(r"([0-9]+).*")
_QUERY = """
select m.id::text, m.applied_at::text
  from {table} m
 order by m.applied_at, m.id collate "C"
"""


def _claims(listing: Listing) -> bool:
    return any(SQL_MIGRATE.search(text) for text in listing.peeked())


def _seen(listing: Listing) -> SeenFiles:
    """By the number that a name begins with, then by name."""
    found = [
        of_file(
            listing,
            file,
            version=file,
            name=file.removesuffix(".sql"),
            marks=SQL_MIGRATE,
            transactional=lambda text: _ALONE.search(text) is None,
        )
        for file in sorted(listing.sql, key=_order)
    ]
    others = [file for file in listing.files if file.endswith(".sql") and "/" in file]
    return SeenFiles(found, tuple(ignored(listing, others, "it is in a directory below")))


def _order(file: str) -> tuple[bool, int, str]:
    match = _NUMBER.fullmatch(file)
    return match is None, int(match[1]) if match else 0, file


def _row(migration: Migration) -> dict[str, str]:
    return {**_key(migration), "applied_at": "pg_catalog.now()"}


def _key(one: Migration | Recorded) -> dict[str, str]:
    return {"id": literal(one.version)}


LEDGER = Ledger(
    name="sql-migrate",
    title="sql-migrate",
    claims=_claims,
    seen=_seen,
    kept=Kept(
        usual="gorp_migrations",
        columns={"id": TEXT, "applied_at": TIME},
        query=_QUERY,
        row=_row,
        key=_key,
        recorded=partial(applied, split=plainly),
    ),
)

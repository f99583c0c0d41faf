"""Diesel: `<version>_name/up.sql`."""

from __future__ import annotations

import re
from functools import partial
from typing import TYPE_CHECKING

from sessionaudit.audits.migrations.ledgers.interface import TEXT, TIME, Kept, Ledger, SeenFiles
from sessionaudit.audits.migrations.ledgers.reading import applied, ignored, of_file, plainly
from sessionaudit.sql.text import literal

if TYPE_CHECKING:
    from sessionaudit.audits.migrations.ledgers.listing import Listing
    from sessionaudit.audits.migrations.model import Migration, Recorded

_NAME = re.compile(r"([0-9][0-9-]*)(?:_([^/]*))?/up\.sql")
_DOWN = re.compile(r"[^/]+/down\.sql")
_SETTINGS = "metadata.toml"
_NO_TRANSACTION = re.compile(r"^\s*run_in_transaction\s*=\s*false\b", re.MULTILINE)
_DATED = re.compile(r"(?:[0-9]{4}-[0-9]{2}-[0-9]{2}-[0-9]{6}|0{14})(?:-[0-9]+)?_[^/]*/up\.sql")
_WHY = "only the file up.sql in a directory whose name begins with digits is a migration"
_QUERY = """
select m.version::text, m.run_on::text
  from {table} m
 order by m.run_on, m.version collate "C"
"""


def _claims(listing: Listing) -> bool:
    return any(_DATED.fullmatch(file) for file in listing.files) and not listing.sql


def _seen(listing: Listing) -> SeenFiles:
    found: list[Migration] = []
    others: list[str] = []
    for file in listing.files:
        if match := _NAME.fullmatch(file):
            settings = f"{file.rpartition('/')[0]}/{_SETTINGS}"
            alone = settings in listing.names and _NO_TRANSACTION.search(listing.whole_text(settings))
            one = of_file(
                listing,
                file,
                version=match[1].replace("-", ""),
                name=match[2] or "",
                transactional=(lambda _: False) if alone else (lambda _: True),
            )
            found.append(one)
        elif file.endswith(".sql") and not _DOWN.fullmatch(file):
            others.append(file)
    found.sort(key=lambda one: one.version)
    return SeenFiles(found, tuple(ignored(listing, others, _WHY)))


def _row(migration: Migration) -> dict[str, str]:
    return _key(migration)


def _key(one: Migration | Recorded) -> dict[str, str]:
    return {"version": literal(one.version)}


LEDGER = Ledger(
    name="diesel",
    title="Diesel",
    claims=_claims,
    seen=_seen,
    kept=Kept(
        usual="__diesel_schema_migrations",
        columns={"version": TEXT, "run_on": TIME},
        query=_QUERY,
        row=_row,
        key=_key,
        recorded=partial(applied, split=plainly),
    ),
)

"""goose: `<digits>_name.sql` with `-- +goose Up` and `-- +goose Down`."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from sessionaudit.audits.migrations.ledgers.interface import NUMBER, TIME, Kept, Ledger, SeenFiles
from sessionaudit.audits.migrations.ledgers.reading import ignored, of_file
from sessionaudit.audits.migrations.ledgers.upward import GOOSE
from sessionaudit.audits.migrations.model import Migration, Recorded, RecordedState

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from sessionaudit.audits.migrations.ledgers.listing import Listing

_NAME = re.compile(r"([0-9]+)_(.*)\.sql")
_ALONE = re.compile(r"^--[ \t]*\+goose[ \t]+no[ \t]+transaction\b", re.MULTILINE | re.IGNORECASE)
_FORM = "its name is not of the form <digits>_name.sql"
_FIRST = 0  # the row that goose makes with the table
_QUERY = """
select m.version_id, m.is_applied, m.tstamp::text
  from {table} m
 order by m.id
"""


def _claims(listing: Listing) -> bool:
    return any(GOOSE.search(text) for text in listing.peeked())


def _seen(listing: Listing) -> SeenFiles:
    named = {file: match for file in listing.sql if (match := _NAME.fullmatch(file))}
    found = [
        of_file(
            listing,
            file,
            version=str(int(match[1])),
            name=match[2],
            marks=GOOSE,
            transactional=lambda text: _ALONE.search(text) is None,
        )
        for file, match in named.items()
    ]
    others = [file for file in listing.files if file.endswith(".sql") and file not in named]
    found.sort(key=lambda one: int(one.version))
    return SeenFiles(found, tuple(ignored(listing, others, _FORM, "it is in a directory below")))


def _recorded(rows: Sequence[tuple[Any, ...]]) -> Iterator[Recorded]:
    """The last row of a version counts: some versions of goose write one, too, when they take a migration back."""
    last = {row[0]: (order, row) for order, row in enumerate(rows) if row[0] != _FIRST}
    for order, (version, done, at) in last.values():
        state: RecordedState = "applied" if done else "rolled-back"
        yield Recorded(version=str(version), state=state, applied_at=at or "", order=order)


def _row(migration: Migration) -> dict[str, str]:
    return {**_key(migration), "is_applied": "true"}


def _key(one: Migration | Recorded) -> dict[str, str]:
    return {"version_id": str(int(one.version))}


LEDGER = Ledger(
    name="goose",
    title="goose",
    claims=_claims,
    seen=_seen,
    kept=Kept(
        usual="goose_db_version",
        columns={"id": NUMBER, "version_id": ("bigint",), "is_applied": ("boolean",), "tstamp": TIME},
        query=_QUERY,
        row=_row,
        key=_key,
        recorded=_recorded,
    ),
)

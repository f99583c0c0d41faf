"""Drizzle: the files that meta/_journal.json names, each with its SHA-256 in drizzle.__drizzle_migrations."""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING, Any

from sessionaudit.audits.migrations.ledgers.checksums import is_sha256
from sessionaudit.audits.migrations.ledgers.interface import TEXT, Kept, Ledger, SeenFiles
from sessionaudit.audits.migrations.ledgers.reading import ignored, of_file
from sessionaudit.audits.migrations.model import IgnoredFile, Migration, Recorded
from sessionaudit.errors import UsageError
from sessionaudit.sql.text import literal

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from sessionaudit.audits.migrations.ledgers.listing import Listing

_JOURNAL = "meta/_journal.json"
_NOT_NAMED = f"{_JOURNAL} does not name it"
_QUERY = """
select m.created_at::text, m.hash::text
  from {table} m
 order by m.created_at, m.id
"""


def _claims(listing: Listing) -> bool:
    return _JOURNAL in listing.names


def _seen(listing: Listing) -> SeenFiles:
    """Those that the journal names, in its order: the tool stops at a file that is not there."""
    found: list[Migration] = []
    absent: list[IgnoredFile] = []
    named: set[str] = set()
    for when, tag in _entries(listing):
        file = f"{tag}.sql"
        named.add(file)
        if file in listing.names:
            found.append(of_file(listing, file, version=when, name=tag))
        else:
            absent.append(IgnoredFile(listing.called(file), f"{_JOURNAL} names it, and it is not there"))
    others = [file for file in listing.files if file.endswith(".sql") and file not in named]
    return SeenFiles(found, (*absent, *ignored(listing, others, _NOT_NAMED)))


def _entries(listing: Listing) -> Iterator[tuple[str, str]]:
    """Return of each entry of the journal when it was made, which is its version, and its name."""
    if _JOURNAL not in listing.names:
        raise UsageError(
            f"{listing.shown} has no {_JOURNAL}, in which Drizzle names its migrations",
            hint="Name the directory that drizzle-kit writes to (“out” of its configuration).",
        )
    called = listing.called(_JOURNAL)
    try:
        entries = json.loads(listing.whole_text(_JOURNAL))["entries"]
        yield from [(str(int(entry["when"])), str(entry["tag"])) for entry in entries]
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise UsageError(f"{called} is not a journal of Drizzle: {type(error).__name__} {error}") from None


def _recorded(rows: Sequence[tuple[Any, ...]]) -> Iterator[Recorded]:
    for order, (when, checksum) in enumerate(rows):
        yield Recorded(version=when or "", state="applied", checksum=checksum, order=order)


def _edited(migration: Migration, recorded: Recorded) -> bool | None:
    return None if recorded.checksum is None else not is_sha256(migration.whole_text, recorded.checksum)


def _row(migration: Migration) -> dict[str, str]:
    return {**_key(migration), "hash": literal(hashlib.sha256(migration.whole_text.encode()).hexdigest())}


def _key(one: Migration | Recorded) -> dict[str, str]:
    return {"created_at": str(int(one.version))}


LEDGER = Ledger(
    name="drizzle",
    title="Drizzle",
    claims=_claims,
    seen=_seen,
    edited=_edited,
    kept=Kept(
        usual="drizzle.__drizzle_migrations",
        columns={"id": ("integer", "bigint"), "hash": TEXT, "created_at": ("bigint",)},
        others=frozenset(("name", "applied_at")),
        query=_QUERY,
        row=_row,
        key=_key,
        recorded=_recorded,
    ),
)

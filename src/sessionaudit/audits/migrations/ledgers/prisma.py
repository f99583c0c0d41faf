"""Prisma: `<name>/migration.sql`, each with the SHA-256 of its file in _prisma_migrations."""

from __future__ import annotations

import hashlib
import re
from typing import TYPE_CHECKING, Any

from sessionaudit.audits.migrations.ledgers.checksums import is_sha256
from sessionaudit.audits.migrations.ledgers.interface import TEXT, TIME, Kept, Ledger, SeenFiles
from sessionaudit.audits.migrations.ledgers.reading import ignored, of_file
from sessionaudit.audits.migrations.ledgers.upward import is_one_block
from sessionaudit.audits.migrations.model import Migration, Recorded, RecordedState
from sessionaudit.core.visible import shell_word
from sessionaudit.sql.text import literal

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from sessionaudit.audits.migrations.ledgers.listing import Listing

_FILE = "migration.sql"
_TIMESTAMP = re.compile(r"[0-9]{14}_")
_WHY = f"only the file {_FILE} in a directory of its own is a migration"
_QUERY = """
select m.migration_name::text,
       m.checksum::text,
       m.finished_at::text,
       m.rolled_back_at is not null,
       coalesce(m.logs, '') <> ''
  from {table} m
 order by m.started_at, m.migration_name collate "C", m.id collate "C"
"""


def _claims(listing: Listing) -> bool:
    return any(file.count("/") == 1 and file.endswith(f"/{_FILE}") for file in listing.files) and not listing.sql


def _seen(listing: Listing) -> SeenFiles:
    found: list[Migration] = []
    others: list[str] = []
    for file in listing.files:
        directory, _, name = file.rpartition("/")
        if name == _FILE and directory and "/" not in directory:
            label = _TIMESTAMP.sub("", directory, count=1)
            found.append(of_file(listing, file, version=directory, name=label, transactional=is_one_block))
        elif file.endswith(".sql"):
            others.append(file)
    return SeenFiles(sorted(found, key=lambda one: one.version), tuple(ignored(listing, others, _WHY)))


def _recorded(rows: Sequence[tuple[Any, ...]]) -> Iterator[Recorded]:
    """A migration has a row for every time that it was tried: it is held up by one that neither ended nor was resolved.

    `prisma migrate resolve` marks such a row as rolled back.
    """
    tried: dict[str, list[tuple[Any, ...]]] = {}
    for row in rows:
        tried.setdefault(row[0], []).append(row)
    for order, (version, found) in enumerate(tried.items()):
        state, row = _state(found)
        yield Recorded(
            version=version,
            name=_TIMESTAMP.sub("", version, count=1),
            state=state,
            checksum=row[1],
            applied_at=row[2] or "",
            order=order,
        )


def _state(found: Sequence[tuple[Any, ...]]) -> tuple[RecordedState, tuple[Any, ...]]:
    for row in reversed(found):
        if row[2] is None and not row[3]:
            return "failed" if row[4] else "unfinished", row
    for row in reversed(found):
        if not row[3]:
            return "applied", row
    return "rolled-back", found[-1]


def _edited(migration: Migration, recorded: Recorded) -> bool | None:
    return None if recorded.checksum is None else not is_sha256(migration.whole_text, recorded.checksum)


def _row(migration: Migration) -> dict[str, str]:
    return {
        **_key(migration),
        "id": "pg_catalog.gen_random_uuid()::text",
        "checksum": literal(hashlib.sha256(migration.whole_text.encode()).hexdigest()),
        "finished_at": "pg_catalog.now()",
        "started_at": "pg_catalog.now()",
        "applied_steps_count": "1",
    }


def _key(one: Migration | Recorded) -> dict[str, str]:
    return {"migration_name": literal(one.version)}


def _command(one: Migration | Recorded, applied: bool) -> str:
    return f"prisma migrate resolve --applied {shell_word(one.version)}" if applied else ""


def _lost(_one: Recorded) -> str:
    return "`prisma migrate status` lists it, too; no command of Prisma removes the row."


LEDGER = Ledger(
    name="prisma",
    title="Prisma Migrate",
    claims=_claims,
    seen=_seen,
    edited=_edited,
    kept=Kept(
        usual="_prisma_migrations",
        columns={
            "migration_name": TEXT,
            "checksum": TEXT,
            "finished_at": TIME,
            "rolled_back_at": TIME,
            "applied_steps_count": ("integer",),
        },
        others=None,
        query=_QUERY,
        command=_command,
        lost=_lost,
        row=_row,
        key=_key,
        recorded=_recorded,
    ),
)

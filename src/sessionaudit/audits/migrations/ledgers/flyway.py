"""Flyway: `V<version>__description.sql` and `R__description.sql`, with the CRC-32 of their lines."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from msgspec.structs import replace

from sessionaudit.audits.migrations.ledgers.checksums import crc32_of_lines
from sessionaudit.audits.migrations.ledgers.interface import NUMBER, TEXT, Kept, Ledger, SeenFiles
from sessionaudit.audits.migrations.ledgers.reading import ignored, of_file
from sessionaudit.audits.migrations.ledgers.upward import takes_one_transaction
from sessionaudit.audits.migrations.model import Folder, Migration, Recorded, RecordedState, Sending, UnreadText
from sessionaudit.sql.text import literal

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from sessionaudit.audits.migrations.ledgers.listing import Listing

_NAME = re.compile(r"(?:(?P<sort>[VUB])(?P<version>[0-9][0-9._]*)|(?P<again>R))__(?P<name>.*)\.sql")
_NO_TRANSACTION = re.compile(r"^\s*executeInTransaction\s*=\s*false\s*$", re.MULTILINE | re.IGNORECASE)
_PLACEHOLDER = re.compile(r"\$\{[^}\s]+\}")
_NO_PLACEHOLDERS = re.compile(r"^\s*placeholderReplacement\s*=\s*false\s*$", re.MULTILINE | re.IGNORECASE)
_FORM = "its name is not of the form V<version>__description.sql or R__description.sql"
_UNDOES = "it undoes a migration"
_BASELINE = "it is a baseline: it stands for the migrations up to its version, in a new database"
_BASELINES = ("BASELINE", "SQL_BASELINE")
_TAKES_BACK = ("UNDO_SQL", "UNDO_JDBC", "UNDO_SCRIPT", "DELETE")
_QUERY = """
select m.version::text, m.description::text, m.type::text, m.checksum::text, m.success, m.installed_on::text
  from {table} m
 order by m.installed_rank
"""


def canonical(version: str) -> str:
    """Return a version as Flyway compares it: numbers, of which zeros at the end say nothing."""
    numbers = [str(int(part)) for part in re.findall("[0-9]+", version)]
    while len(numbers) > 1 and numbers[-1] == "0":
        numbers.pop()
    return ".".join(numbers)


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in version.split(".") if part)


def _claims(listing: Listing) -> bool:
    named = [file.rpartition("/")[2] for file in listing.files if file.endswith(".sql")]
    return bool(named) and all(_NAME.fullmatch(name) for name in named)


def _seen(listing: Listing) -> SeenFiles:
    versioned: list[Migration] = []
    repeatable: list[Migration] = []
    undoes: list[str] = []
    baselines: list[str] = []
    others: list[str] = []
    for file in listing.files:
        match = _NAME.fullmatch(file.rpartition("/")[2])
        if match is None:
            others += [file] if file.endswith(".sql") else []
        elif match["sort"] in {"U", "B"}:
            (undoes if match["sort"] == "U" else baselines).append(file)
        else:
            (repeatable if match["again"] else versioned).append(_migration(listing, file, match))
    versioned.sort(key=lambda one: (_numbers(one.version), one.file))
    repeatable.sort(key=lambda one: (one.name, one.file))
    why = ((others, _FORM), (undoes, _UNDOES), (baselines, _BASELINE))
    left = tuple(one for files, reason in why for one in ignored(listing, files, reason))
    return SeenFiles((*versioned, *repeatable), left)


def _migration(listing: Listing, file: str, match: re.Match[str]) -> Migration:
    settings = f"{file}.conf"
    replaces = settings not in listing.names or not _NO_PLACEHOLDERS.search(listing.whole_text(settings))
    refuses = settings in listing.names and _NO_TRANSACTION.search(listing.whole_text(settings))
    one = of_file(
        listing,
        file,
        version=canonical(match["version"] or ""),
        name=match["name"].replace("_", " "),
        transactional=(lambda _: False) if refuses else takes_one_transaction,
        repeatable=bool(match["again"]),
    )
    placeholder = _PLACEHOLDER.search(one.text) if replaces else None
    if placeholder is None or one.unread is not None:
        return one
    why = f"Flyway replaces the placeholder {placeholder[0]} before it sends the file, and by what is not known"
    return replace(one, unread=UnreadText(why))


def _recorded(rows: Sequence[tuple[Any, ...]]) -> Iterator[Recorded]:
    """The last row of each version counts: one may have been undone, and a repeatable one is run again.

    A baseline has no checksum; that of a migration in Java is empty.
    """
    last: dict[str, tuple[int, tuple[Any, ...]]] = {}
    for order, row in enumerate(rows):
        version, name, sort = row[:3]
        if sort != "SCHEMA":
            last[canonical(version) if version else f"R {name}"] = order, row
    for order, (version, name, sort, checksum, success, at) in last.values():
        state: RecordedState = "applied" if success else "failed"
        yield Recorded(
            version=canonical(version or ""),
            name=name or "",
            state="rolled-back" if sort in _TAKES_BACK and success else state,
            checksum=None if sort in _BASELINES else checksum or "",
            applied_at=at or "",
            order=order,
        )


def _implied(folder: Folder, recorded: tuple[Recorded, ...]) -> tuple[Recorded, ...]:
    """A baseline stands for all that came before it."""
    known = {one.version for one in recorded}
    bases = [one for one in recorded if one.version and one.checksum is None and one.state == "applied"]
    files = {one.version for one in folder.migrations}
    base = max((one for one in bases if one.version not in files), key=lambda one: _numbers(one.version), default=None)
    if base is None:
        return recorded
    before = [one for one in folder.migrations if one.version and one.version not in known]
    before = [one for one in before if _numbers(one.version) <= _numbers(base.version)]
    added = [Recorded(version=one.version, name=one.name, state="applied", order=base.order) for one in before]
    return (*added, *recorded)


def _outside(folder: Folder, recorded: tuple[Recorded, ...]) -> set[str]:
    """A baseline and a migration in Java have no file of SQL."""
    files = {one.version for one in folder.migrations}
    return {one.version for one in recorded if not one.checksum and one.version not in files}


def _edited(migration: Migration, recorded: Recorded) -> bool | None:
    if not recorded.checksum:
        return None
    same = int(recorded.checksum) == crc32_of_lines(migration.whole_text)
    if not same and migration.repeatable and "${" in migration.text:
        return None  # the checksum is that of the text with its placeholders replaced
    return not same


def _row(migration: Migration) -> dict[str, str]:
    """As the tool writes it, but for the time that it took; none where the checksum depends on its settings."""
    match = _NAME.fullmatch(migration.file.rpartition("/")[2])
    if match is None or (migration.repeatable and "${" in migration.text):
        return {}
    return {
        "version": literal(match["version"].replace("_", ".")) if match["version"] else "null",
        "description": literal(migration.name),
        "type": "'SQL'",
        "checksum": str(crc32_of_lines(migration.whole_text)),
        "installed_by": "current_user",
        "execution_time": "0",
        "success": "true",
    }


def _key(one: Migration | Recorded) -> dict[str, str]:
    named = {"description": literal(one.name), "version": "null"}
    return {"version": literal(one.version)} if one.version else named


def _lost(_one: Recorded) -> str:
    return "`flyway repair` marks it as deleted."


LEDGER = Ledger(
    name="flyway",
    title="Flyway",
    claims=_claims,
    seen=_seen,
    sending=Sending(drops_mark=True, feeds_copy=True, by_psql=False),
    edited=_edited,
    kept=Kept(
        usual="flyway_schema_history",
        columns={
            "installed_rank": NUMBER,
            "version": TEXT,
            "description": TEXT,
            "type": TEXT,
            "script": TEXT,
            "checksum": NUMBER,
            "success": ("boolean",),
        },
        others=None,
        query=_QUERY,
        row=_row,
        key=_key,
        numbered="installed_rank",
        path="script",
        lost=_lost,
        recorded=_recorded,
        implied=_implied,
        outside=_outside,
    ),
)

"""Django: `APP/migrations/NAME.py`, which are programs; the ledger has the app and the name of each, of every app."""

from __future__ import annotations

import re
from contextlib import suppress
from itertools import islice
from typing import TYPE_CHECKING, Any

from sessionaudit.audits.migrations.ledgers.interface import NUMBER, TEXT, TIME, Kept, Ledger, SeenFiles
from sessionaudit.audits.migrations.ledgers.listing import UnreadFileError
from sessionaudit.audits.migrations.ledgers.reading import of_file, standing_on
from sessionaudit.audits.migrations.model import Folder, Migration, Recorded
from sessionaudit.core.visible import shell_word
from sessionaudit.sql.text import literal

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from sessionaudit.audits.migrations.ledgers.listing import Listing

_NAME = re.compile(r"(?:.*/)?(?:([^/]+)/migrations/)([^_~/][^/]*)\.py")
_INSIDE = re.compile(r"([^_~/][^/]*)\.py")  # where the folder is that of the migrations itself
_MADE_SO = re.compile(r"^class\s+Migration\b", re.MULTILINE)
_DEPENDENCIES = re.compile(r"^\s+dependencies\s*=\s*\[(.*?)\]", re.MULTILINE | re.DOTALL)
_ONE = re.compile(r"\(\s*['\"](\w+)['\"]\s*,\s*['\"](\w+)['\"]\s*,?\s*\)")
_REPLACES = re.compile(r"^\s+replaces\s*=\s*\[(.*?)\]", re.MULTILINE | re.DOTALL)
_NO_TRANSACTION = re.compile(r"^\s+atomic\s*=\s*False\b", re.MULTILINE)
_QUERY = """
select m.app::text, m.name::text, m.applied::text
  from {table} m
 order by m.id
"""


def _claims(listing: Listing) -> bool:
    return any(_named(listing, file) and _MADE_SO.search(text) for file, text in _candidates(listing))


def _candidates(listing: Listing) -> Iterator[tuple[str, str]]:
    found = (file for file in listing.files if re.search(r"(?:^|/)[0-9]{4}_\w+\.py$", file))
    for file in islice(found, 8):
        with suppress(UnreadFileError):
            yield file, listing.whole_text(file)


def _named(listing: Listing, file: str) -> tuple[str, str] | None:
    """Return the app of a file, which the directory around its own is named after, and the name of the migration."""
    if match := _NAME.fullmatch(file):
        return match[1], match[2]
    if listing.root.name == "migrations" and (match := _INSIDE.fullmatch(file)):
        return listing.root.resolve().parent.name, match[1]
    return None


def _seen(listing: Listing) -> SeenFiles:
    found: dict[str, Migration] = {}
    for file in listing.files:
        named = _named(listing, file)
        if named is None:
            continue
        one = of_file(
            listing,
            file,
            version=".".join(named),
            name=named[1],
            transactional=lambda text: _NO_TRANSACTION.search(text) is None,
            is_sql=False,
        )
        if one.unread or _MADE_SO.search(one.text):
            found[one.version] = one
    before = {version: {*_named_by(_DEPENDENCIES, one.text)} for version, one in found.items()}
    return SeenFiles([found[version] for version in standing_on(before)])


def _named_by(pattern: re.Pattern[str], text: str) -> Iterator[str]:
    """Return the versions of the migrations that a list of a class names."""
    for block in pattern.findall(text):
        yield from (f"{app}.{name}" for app, name in _ONE.findall(block))


def _recorded(rows: Sequence[tuple[Any, ...]]) -> Iterator[Recorded]:
    for order, (app, name, at) in enumerate(rows):
        yield Recorded(version=f"{app}.{name}", name=name, state="applied", applied_at=at or "", order=order)


def _implied(folder: Folder, recorded: tuple[Recorded, ...]) -> tuple[Recorded, ...]:
    """One that replaces others counts as applied once all of them are, though it is recorded only at the next run."""
    known = {one.version: one for one in recorded}
    added: list[Recorded] = []
    for one in folder.migrations:
        replaced = {*_named_by(_REPLACES, one.text)}
        if replaced and one.version not in known and replaced <= known.keys():
            order = max(known[version].order for version in replaced)
            added.append(Recorded(version=one.version, name=one.name, state="applied", order=order))
    return (*recorded, *added)


def _outside(folder: Folder, recorded: tuple[Recorded, ...]) -> set[str]:
    """The apps of libraries are not in the folder, and one that was replaced need not be any more."""
    apps = {one.version.partition(".")[0] for one in folder.migrations}
    files = {one.version for one in folder.migrations}
    replaced = {version for one in folder.migrations for version in _named_by(_REPLACES, one.text)} - files
    return {one.version for one in recorded if one.version in replaced or one.version.partition(".")[0] not in apps}


def _row(migration: Migration) -> dict[str, str]:
    return {**_key(migration), "applied": "pg_catalog.now()"}


def _key(one: Migration | Recorded) -> dict[str, str]:
    return {"app": literal(one.version.partition(".")[0]), "name": literal(one.name)}


def _lost(one: Recorded) -> str:
    app = shell_word(one.version.partition(".")[0])
    return f"`python manage.py migrate {app} --prune` removes what is recorded of this app and has no file."


LEDGER = Ledger(
    name="django",
    title="Django",
    claims=_claims,
    seen=_seen,
    code=True,
    kept=Kept(
        usual="django_migrations",
        columns={"id": NUMBER, "app": TEXT, "name": TEXT, "applied": TIME},
        query=_QUERY,
        row=_row,
        key=_key,
        lost=_lost,
        recorded=_recorded,
        implied=_implied,
        outside=_outside,
    ),
)

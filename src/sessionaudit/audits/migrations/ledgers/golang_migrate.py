"""golang-migrate: `<digits>_name.up.sql`; the ledger has one row, the newest version, and whether it failed."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from sessionaudit.audits.migrations.ledgers.interface import NUMBER, Kept, Ledger, SeenFiles
from sessionaudit.audits.migrations.ledgers.reading import ignored, of_file
from sessionaudit.audits.migrations.ledgers.upward import is_one_block
from sessionaudit.audits.migrations.model import Folder, Migration, Recorded
from sessionaudit.core.visible import shell_word

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from sessionaudit.audits.migrations.ledgers.listing import Listing

_NAME = re.compile(r"([0-9]+)_(.*)\.up\.sql")
_DOWN = re.compile(r"[0-9]+_.*\.down\.sql")
_FORM = "its name is not of the form <digits>_name.up.sql"
_NONE_YET = -1
_QUERY = """
select m.version, m.dirty
  from {table} m
 order by m.version
"""


def _claims(listing: Listing) -> bool:
    return any(_NAME.fullmatch(file) for file in listing.sql) and all(
        _NAME.fullmatch(file) or _DOWN.fullmatch(file) for file in listing.sql
    )


def _seen(listing: Listing) -> SeenFiles:
    named = {file: match for file in listing.sql if (match := _NAME.fullmatch(file))}
    found = [
        of_file(listing, file, version=str(int(match[1])), name=match[2], transactional=is_one_block)
        for file, match in named.items()
    ]
    found.sort(key=lambda one: int(one.version))
    others = [file for file in listing.files if file.endswith(".sql") and file not in named]
    others = [file for file in others if not _DOWN.fullmatch(file)]
    return SeenFiles(found, tuple(ignored(listing, others, _FORM, "it is in a directory below")))


def _recorded(rows: Sequence[tuple[Any, ...]]) -> Iterator[Recorded]:
    for order, (version, dirty) in enumerate(rows):
        if version != _NONE_YET:
            yield Recorded(version=str(version), state="failed" if dirty else "applied", order=order)


def _implied(folder: Folder, recorded: tuple[Recorded, ...]) -> tuple[Recorded, ...]:
    if not recorded:
        return recorded
    newest = recorded[-1]
    before = [one for one in folder.migrations if int(one.version) < int(newest.version)]
    found = [
        Recorded(version=one.version, name=one.name, state="applied", order=order) for order, one in enumerate(before)
    ]
    return (*found, Recorded(version=newest.version, state=newest.state, order=len(found)))


def _command(one: Migration | Recorded, applied: bool) -> str:
    return f"migrate force {shell_word(one.version)}" if applied else ""


def _lost(_one: Recorded) -> str:
    return "`migrate force VERSION` sets the ledger to a version that has a file."


LEDGER = Ledger(
    name="golang-migrate",
    title="golang-migrate",
    claims=_claims,
    seen=_seen,
    kept=Kept(
        usual="schema_migrations",
        columns={"version": NUMBER, "dirty": ("boolean",)},
        query=_QUERY,
        command=_command,
        lost=_lost,
        recorded=_recorded,
        heads_only=True,
        implied=_implied,
    ),
)

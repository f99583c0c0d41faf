"""Alembic: programs that name each other; the ledger has the newest of each branch."""

from __future__ import annotations

import ast
import re
from typing import TYPE_CHECKING, Any, cast

from msgspec.structs import replace

from sessionaudit.audits.migrations.ledgers.interface import TEXT, Kept, Ledger, SeenFiles
from sessionaudit.audits.migrations.ledgers.reading import ignored, of_file, standing_on
from sessionaudit.audits.migrations.model import Folder, IgnoredFile, Migration, Recorded
from sessionaudit.core.visible import shell_word

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from sessionaudit.audits.migrations.ledgers.listing import Listing

_ASSIGNED = r"^{}(?:\s*:[^=\n]*)?\s*=\s*(.*(?:\n[ \t)\]].*)*)"
_REVISION = re.compile(_ASSIGNED.format("revision"), re.MULTILINE)
_DOWN = re.compile(_ASSIGNED.format("down_revision"), re.MULTILINE)
_DEPENDS = re.compile(_ASSIGNED.format("depends_on"), re.MULTILINE)
_QUERY = """
select m.version_num::text
  from {table} m
 order by m.version_num collate "C"
"""


def _claims(listing: Listing) -> bool:
    texts = [text for text in listing.peeked(".py") if _REVISION.search(text) and _DOWN.search(text)]
    return bool(texts) or any(file.rpartition("/")[2] == "script.py.mako" for file in listing.files)


def _seen(listing: Listing) -> SeenFiles:
    """A directory with env.py has them in `versions`; else all of it are looked at."""
    within = "versions/" if "env.py" in listing.names else ""
    files = [file for file in listing.files if file.endswith(".py") and file.startswith(within)]
    found: list[Migration] = []
    others: list[str] = []
    unread: list[IgnoredFile] = []
    for file in files:
        one = of_file(listing, file, version="", name=_name(file), is_sql=False)
        revision = next(iter(_values(_REVISION, one.text)), "")
        if revision:
            found.append(replace(one, version=revision))
        elif one.unread:
            unread.append(IgnoredFile(one.file, f"its revision is not known, as {one.unread.why}"))
        elif not file.endswith("__init__.py"):
            others.append(file)
    left = (*ignored(listing, others, "it has no line “revision = …”"), *unread)
    first = {one.version: one for one in reversed(found)}
    order = standing_on({one.version: _parents(one) for one in found})
    again = [one for one in found if first[one.version] is not one]
    return SeenFiles((*(first[version] for version in order), *again), left)


def _name(file: str) -> str:
    return file.rpartition("/")[2].removesuffix(".py").partition("_")[2].replace("_", " ")


def _values(pattern: re.Pattern[str], text: str) -> Iterator[str]:
    """Return the texts that a module assigns, whether one or several."""
    match = pattern.search(text)
    try:
        found: object = ast.literal_eval(match[1].strip()) if match else None
    except (ValueError, SyntaxError, RecursionError, MemoryError):
        return
    several = cast("Iterable[object]", found) if isinstance(found, (tuple, list, set)) else (found,)
    yield from (one for one in several if isinstance(one, str) and one)


def _parents(migration: Migration) -> set[str]:
    return {*_values(_DOWN, migration.text), *_values(_DEPENDS, migration.text)}


def _recorded(rows: Sequence[tuple[Any, ...]]) -> Iterator[Recorded]:
    for order, (version,) in enumerate(rows):
        yield Recorded(version=version, state="applied", order=order)


def _implied(folder: Folder, recorded: tuple[Recorded, ...]) -> tuple[Recorded, ...]:
    """All that the heads stand on."""
    by = {one.version: one for one in folder.migrations}
    known = {one.version for one in recorded}
    waiting, reached = [*known], set(known)
    while waiting:
        migration = by.get(waiting.pop())
        for parent in _parents(migration) - reached if migration else ():
            reached.add(parent)
            waiting.append(parent)
    found = [one for one in folder.migrations if one.version in reached]
    heads = {one.version: one for one in recorded}
    implied = [
        Recorded(version=one.version, name=one.name, state="applied", order=order) for order, one in enumerate(found)
    ]
    return (*implied, *(one for version, one in heads.items() if version not in by))


def _command(one: Migration | Recorded, applied: bool) -> str:
    return f"alembic stamp {shell_word(one.version)}" if applied else ""


def _lost(_one: Recorded) -> str:
    return "`alembic stamp --purge REVISION` replaces what the ledger has by a revision that has a file."


LEDGER = Ledger(
    name="alembic",
    title="Alembic",
    claims=_claims,
    seen=_seen,
    code=True,
    kept=Kept(
        usual="alembic_version",
        columns={"version_num": TEXT},
        query=_QUERY,
        command=_command,
        lost=_lost,
        recorded=_recorded,
        heads_only=True,
        implied=_implied,
    ),
)

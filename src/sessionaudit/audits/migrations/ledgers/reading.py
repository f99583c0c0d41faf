"""What the rooms of the tools share: a migration made of a file, and the rows of ledgers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sessionaudit.audits.migrations.ledgers.listing import UnreadFileError, without_mark
from sessionaudit.audits.migrations.ledgers.upward import upward
from sessionaudit.audits.migrations.model import IgnoredFile, Migration, Recorded, UnreadText
from sessionaudit.core.ordering import ordered

if TYPE_CHECKING:
    import re
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from sessionaudit.audits.migrations.ledgers.listing import Listing


def always(_text: str) -> bool:
    """Return True: the tool runs every migration in one transaction."""
    return True


def of_file(
    listing: Listing,
    file: str,
    *,
    version: str,
    name: str,
    transactional: Callable[[str], bool] = always,
    marks: re.Pattern[str] | None = None,
    repeatable: bool = False,
    is_sql: bool = True,
) -> Migration:
    """Return the migration of a file, which may be one that cannot be read. `marks` are those of what takes it back."""
    try:
        whole, unread = listing.whole_text(file), None
    except UnreadFileError as error:
        whole, unread = "", UnreadText(error.why, error.hint)
    text = without_mark(whole)
    if marks is not None:
        text = upward(text, marks)
    return Migration(
        version=version,
        name=name,
        file=listing.called(file),
        text=text,
        whole_text=whole,
        transactional=transactional(text),
        repeatable=repeatable,
        is_sql=is_sql,
        unread=unread,
    )


def ignored(listing: Listing, files: Iterable[str], why: str, below: str = "") -> Iterator[IgnoredFile]:
    """Return the files as ignored ones; `below` says why those of directories are."""
    return (IgnoredFile(listing.called(file), below if below and "/" in file else why) for file in files)


def applied(rows: Sequence[tuple[Any, ...]], split: Callable[[str], tuple[str, str]]) -> Iterator[Recorded]:
    """Return the migrations of rows that say only that it was applied, and when: its version, the time as text.

    `split` makes of what the ledger has the version and the name.
    """
    for order, (said, at) in enumerate(rows):
        version, name = split(said)
        yield Recorded(version=version, name=name, state="applied", applied_at=at or "", order=order)


def standing_on(before: Mapping[str, Iterable[str]]) -> list[str]:
    """Return versions, each behind those that it names, else in their own order; what forms a circle comes last."""
    waits = {one: {other for other in named if other in before and other != one} for one, named in before.items()}
    return ordered(waits, str).order


def plainly(said: str) -> tuple[str, str]:
    """Return a version that has no name beside it."""
    return said, ""

"""Read a folder of migrations as its tool does."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec.structs import replace

from sessionaudit.audits.migrations.ledgers import BY_NAME, LEDGERS, plain
from sessionaudit.audits.migrations.ledgers.listing import Listing, listed
from sessionaudit.audits.migrations.model import Folder, Migration

if TYPE_CHECKING:
    from pathlib import Path

    from sessionaudit.audits.migrations.ledgers.interface import Ledger


def listing_of(root: Path, shown: str) -> Listing:
    """List the files of a folder, which people are told of as `shown`. Raises UsageError."""
    return listed(root, shown)


def recognise_folder(listing: Listing) -> tuple[Ledger, ...]:
    """Return the tools that a folder may be of by its shape, the likeliest first; none if it has no tool's shape."""
    return tuple(ledger for ledger in LEDGERS if ledger.claims(listing))


def likeliest(listing: Listing) -> Ledger:
    """Return the tool that a folder is most likely of, without a look at a database."""
    return next(iter(recognise_folder(listing)), plain.LEDGER)


def read_folder(listing: Listing, ledger: Ledger) -> Folder:
    """Read the migrations of a folder. Raises UsageError."""
    seen = ledger.seen(listing)
    migrations = tuple(replace(one, sending=ledger.sending) for one in seen.migrations)
    return Folder(
        tool=ledger.name,
        path=listing.shown,
        migrations=migrations,
        ignored=tuple(sorted(seen.ignored)),
        duplicates=_duplicates(migrations),
    )


def tool_of(folder: Folder) -> Ledger:
    """Return the tool of a folder that was read."""
    return BY_NAME[folder.tool]


def _duplicates(migrations: tuple[Migration, ...]) -> tuple[tuple[Migration, ...], ...]:
    by: dict[tuple[str, bool], list[Migration]] = {}
    for one in migrations:
        by.setdefault((one.name if one.repeatable else one.version, one.repeatable), []).append(one)
    return tuple(tuple(several) for several in by.values() if len(several) > 1)

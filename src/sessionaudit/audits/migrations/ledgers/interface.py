"""Define what a migration tool declares: which files it sees, and how it keeps in the database what it has applied."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, LiteralString, NamedTuple

from msgspec import Struct

from sessionaudit.audits.migrations.model import AS_IT_IS, Sending

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Mapping, Sequence

    from sessionaudit.audits.migrations.ledgers.listing import Listing
    from sessionaudit.audits.migrations.model import Folder, IgnoredFile, Migration, Recorded

TEXT = ("text", "character varying")
NUMBER = ("integer", "bigint")
TIME = ("timestamp without time zone", "timestamp with time zone")


class SeenFiles(NamedTuple):
    """The migrations of a folder in the tool's order, and the files that the tool does not see."""

    migrations: Sequence[Migration]
    ignored: Sequence[IgnoredFile] = ()


def never_known(_migration: Migration, _recorded: Recorded) -> bool | None:
    """Return None: the ledger keeps nothing that a file could be compared with."""
    return None


def nothing(_folder: Folder, _recorded: tuple[Recorded, ...]) -> frozenset[str]:
    """Return no version: all that is recorded belongs to the folder."""
    return frozenset()


def as_recorded(_folder: Folder, recorded: tuple[Recorded, ...]) -> tuple[Recorded, ...]:
    """Return what is recorded: each migration has a row of its own."""
    return recorded


def no_command(_one: Migration | Recorded, _applied: bool) -> str:
    """Return no command: the tool has none that only changes its ledger."""
    return ""


def no_offer(_one: Recorded) -> str:
    """Return nothing: the tool offers nothing for a migration whose file is gone."""
    return ""


class Kept(Struct, frozen=True, kw_only=True):
    """How a tool keeps its ledger in the database.

    `columns` has the columns that tell the table, each with the types that it may have, as format_type() prints them
    without modifiers; `others` are those that it may have besides, None for any. `beside` is a table that stands in the
    same schema, and `not_beside` one that another tool would have there. `usual` is the table's name, with the schema
    if the tool makes one for it; of a table of that name the columns `at_home` are enough.

    `query` reads it in a fixed order; `{table}` stands for its name. `recorded` makes of its rows the migrations. Where
    the ledger has the newest only (`heads_only`), `implied` adds those before them, from the files. `outside` has the
    keys of those that do not belong to the folder: a ledger may be kept for several.

    `row` are the columns that the tool itself writes for a migration that it has applied, `key` those by which the rows
    of a version are found; both as SQL. They are None where no single row stands for a migration; `row` is empty where
    what the tool would write is not known. The column `numbered` has one more than the greatest, and `path` the file's
    path in the folder. `command` is the tool's own command that records a migration as applied, or as not; "" if it has
    none. `lost` is what the tool itself offers, in a sentence, for what is recorded and has no file; "" for nothing.
    """

    usual: str
    columns: Mapping[str, Collection[str]]
    query: LiteralString
    recorded: Callable[[Sequence[tuple[Any, ...]]], Iterable[Recorded]]
    at_home: Mapping[str, Collection[str]] | None = None
    others: frozenset[str] | None = frozenset()
    beside: str = ""
    not_beside: str = ""
    heads_only: bool = False
    implied: Callable[[Folder, tuple[Recorded, ...]], tuple[Recorded, ...]] = as_recorded
    outside: Callable[[Folder, tuple[Recorded, ...]], Collection[str]] = nothing
    row: Callable[[Migration], Mapping[str, str]] | None = None
    key: Callable[[Migration | Recorded], Mapping[str, str]] | None = None
    numbered: str = ""
    path: str = ""
    command: Callable[[Migration | Recorded, bool], str] = no_command
    lost: Callable[[Recorded], str] = no_offer


class Ledger(Struct, frozen=True, kw_only=True):
    """A migration tool: its name in contracts, and what people call it.

    `claims` tells by its shape whether a folder is the tool's; `seen` reads its migrations. `kept` is None where the
    tool's own records are not read. `edited` says whether a file differs from what was applied, None if that is not
    known. Where the migrations are programs (`code`), only a command can replay them. `sending` is how files go to the
    server.
    """

    name: str
    title: str
    claims: Callable[[Listing], bool]
    seen: Callable[[Listing], SeenFiles]
    kept: Kept | None = None
    edited: Callable[[Migration, Recorded], bool | None] = never_known
    code: bool = False
    sending: Sending = AS_IT_IS


def key_of(one: Migration | Recorded) -> str:
    """Return by what a file and a row of the ledger are one migration: the version, or the name if it has none."""
    return one.version or one.name

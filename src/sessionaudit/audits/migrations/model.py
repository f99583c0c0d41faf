"""Define what a folder of migrations has, and what a ledger in the database says of them."""

from __future__ import annotations

from typing import Literal, NamedTuple

from msgspec import Struct

RecordedState = Literal["applied", "failed", "unfinished", "rolled-back"]


class UnreadText(NamedTuple):
    """Why a file could not be read, and what helps."""

    why: str
    hint: str = ""


class Sending(NamedTuple):
    """How a tool sends a file to the server: without a byte-order mark, with the data of COPY … FROM STDIN, by psql."""

    drops_mark: bool
    feeds_copy: bool
    by_psql: bool


BY_PSQL = Sending(drops_mark=True, feeds_copy=True, by_psql=True)
AS_IT_IS = Sending(drops_mark=False, feeds_copy=False, by_psql=False)


class Migration(Struct, frozen=True, kw_only=True):
    """One migration of a folder, which may be part of its file only.

    `version` and `name` are as the tool's ledger has them. `file` is its path as it is told to people, relative to the
    directory of the contract. `text` is what runs upward: what takes the migration back is cut off, so that places in
    it are those in the file. `whole_text` is all of the file, with the byte-order mark and the line ends that it has.
    `transactional` says whether the tool runs it in one transaction. One that is `repeatable` runs again when its text
    changes. `is_sql` is false where the file is a program that composes its statements: the texts are that program.
    The texts of an `unread` one are empty, or not what the tool sends; `sending` says how that is done.
    """

    version: str
    name: str
    file: str
    text: str
    whole_text: str
    transactional: bool
    repeatable: bool = False
    is_sql: bool = True
    unread: UnreadText | None = None
    sending: Sending = BY_PSQL

    @property
    def runs(self) -> bool:
        """Whether it has statements that can be run."""
        return self.is_sql and self.unread is None


class IgnoredFile(NamedTuple):
    """A file that the tool does not see, and why."""

    file: str
    why: str


class Folder(Struct, frozen=True, kw_only=True):
    """The migrations of a folder, in the order in which the tool runs them.

    `duplicates` has the migrations of each version that several of them have.
    """

    tool: str
    path: str
    migrations: tuple[Migration, ...]
    ignored: tuple[IgnoredFile, ...] = ()
    duplicates: tuple[tuple[Migration, ...], ...] = ()


class Recorded(Struct, frozen=True, kw_only=True):
    """One migration as the ledger has it, of which it may have several rows: this is what the last of them says.

    `checksum` and `statements` are None where the ledger does not keep them. `order` counts from 0, in the order in
    which the migrations were applied, or that of the versions where the ledger does not keep it.
    """

    version: str
    state: RecordedState
    order: int
    name: str = ""
    checksum: str | None = None
    statements: tuple[str, ...] | None = None
    applied_at: str = ""


class LedgerTable(NamedTuple):
    """The table in which a ledger is kept."""

    schema: str
    name: str


class LedgerHindrance(NamedTuple):
    """Why a row of a ledger is not written or removed here: that would do more; or only where one is `of_removal`."""

    why: str
    of_removal: bool


class LedgerContent(Struct, frozen=True, kw_only=True):
    """What a ledger says; `ledger` is the name of its tool.

    One of `heads_only` has the newest migrations: those before them, which it implies, are in `recorded`, too. What is
    `outside` is no part of the folder, as a ledger may be kept for several, or for what is no file. `columns` are those
    of the table that can be written, and `encoding` is the database's.
    """

    ledger: str
    table: LedgerTable
    recorded: tuple[Recorded, ...]
    heads_only: bool = False
    outside: tuple[Recorded, ...] = ()
    columns: tuple[str, ...] = ()
    hindrances: tuple[LedgerHindrance, ...] = ()
    encoding: str = "UTF8"

"""Read what is compared with the database itself: the files of the migrations, and their ledger."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from sessionaudit.audits.migrations import ledger_reading
from sessionaudit.audits.migrations.findings_of import file_ref, migration_ref
from sessionaudit.audits.migrations.folder import listing_of, read_folder, recognise_folder
from sessionaudit.audits.migrations.ledgers import BY_NAME, plain
from sessionaudit.audits.migrations.model import Folder, LedgerContent, LedgerTable
from sessionaudit.audits.migrations.recognition import decide
from sessionaudit.contract.migrations import folder_of
from sessionaudit.core.finding import Skipped
from sessionaudit.core.ref import dotted
from sessionaudit.errors import ContractError, SessionAuditError, UsageError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sessionaudit.audits.migrations.ledger_reading import Ledgers
    from sessionaudit.audits.migrations.ledgers.interface import Ledger
    from sessionaudit.audits.migrations.ledgers.listing import Listing
    from sessionaudit.contract.migrations import DeclaredMigrations
    from sessionaudit.contract.model import Contract
    from sessionaudit.core.ref import ObjectRef
    from sessionaudit.postgres.connection import Connection


class Sides(NamedTuple):
    """The migrations of a contract, their tool, and what its ledger says; else why nothing is known of that."""

    tool: Ledger
    folder: Folder
    ledger: LedgerContent | Skipped | None


def read_sides(contract: Contract, connection: Connection | None, *, timeout: float) -> Sides:
    """Read the files, and the ledger if there is a connection; `timeout` is in seconds.

    Raises ContractError where the contract, the files and the database contradict each other, UsageError where a file
    cannot be read, and DatabaseError.
    """
    declared = contract.migrations
    if declared is None:
        raise AssertionError(contract)
    listing = listing_of(folder_of(contract.file, declared), str(declared.folder).rstrip("/"))
    if connection is None:
        tool = BY_NAME[declared.tool] if declared.tool else next(iter(recognise_folder(listing)), plain.LEDGER)
        return Sides(tool, _read(listing, tool, declared), None)
    return _with_ledger(contract.schema, declared, listing, connection, timeout)


def refs_of(contract: Contract) -> Iterator[ObjectRef]:
    """Return the references of the migrations and of the ignored files, as far as the files alone tell them."""
    try:
        folder = read_sides(contract, None, timeout=0).folder
    except SessionAuditError:
        return
    yield from (migration_ref(one) for one in folder.migrations)
    yield from (file_ref(one) for one in folder.ignored)


def _with_ledger(
    schema: str, declared: DeclaredMigrations, listing: Listing, connection: Connection, timeout: float
) -> Sides:
    table = LedgerTable(*declared.ledger) if declared.ledger else None
    ledgers = ledger_reading.find(connection, timeout=timeout)
    try:
        tool, found = decide(recognise_folder(listing), ledgers.found, tool=declared.tool, table=table, schema=schema)
    except UsageError as error:
        stated = "ledger" if declared.ledger else "tool" if declared.tool else "folder"
        raise ContractError(str(error), location=declared.place(stated), hint=error.hint) from None
    folder = _read(listing, tool, declared)
    if found is None:
        return Sides(tool, folder, _without(tool, ledgers))
    return Sides(tool, folder, ledger_reading.read(connection, found, folder, ledgers.unreadable, timeout=timeout))


def _read(listing: Listing, tool: Ledger, declared: DeclaredMigrations) -> Folder:
    """Read a folder, which may be empty, but not full of what is another tool's."""
    folder = read_folder(listing, tool)
    shapes = [one.title for one in recognise_folder(listing) if one is not tool]
    if not folder.migrations and (folder.ignored or shapes):
        raise ContractError(
            f"{declared.folder} has no migrations of {tool.title}",
            location=declared.place("tool" if declared.tool else "folder"),
            hint=f"By its files it is of {' or '.join(shapes)}."
            if shapes
            else f"{folder.ignored[0].file} is none: {folder.ignored[0].why}.",
        )
    return folder


def _without(tool: Ledger, ledgers: Ledgers) -> Skipped:
    what = "which migrations were applied"
    if tool.kept is None:
        hint = "Say which tool runs them: “tool” under “migrations”."
        return Skipped(what, f"no ledger of {tool.title} is read", hint)
    elsewhere = ", ".join(dotted(one.table) for one in ledgers.found if one.ledger is tool)
    usual = f"{elsewhere} has such columns" if elsewhere else f"It usually is {tool.kept.usual}"
    where = "where it is looked for" if elsewhere else "of the database"
    return Skipped(
        what,
        f"no table {where} is by its columns a ledger of {tool.title}",
        f"{usual}. Say which table it is: “ledger” under “migrations”.",
    )

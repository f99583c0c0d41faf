"""Recognise ledgers by their columns, and decide which of them is that of a folder."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from sessionaudit.audits.migrations.ledgers import BY_NAME, LEDGERS, plain
from sessionaudit.audits.migrations.model import LedgerTable
from sessionaudit.core.ref import dotted
from sessionaudit.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence

    from sessionaudit.audits.migrations.ledgers.interface import Kept, Ledger

_SAY = "Say which under “migrations” in the contract: “{}: {}”."


class FoundLedger(NamedTuple):
    """A table that is a ledger of a tool, as far as its columns tell."""

    ledger: Ledger
    table: LedgerTable


def recognise_ledger(tables: Mapping[LedgerTable, Mapping[str, str]]) -> tuple[FoundLedger, ...]:
    """Return the ledgers among tables, each with the types of its columns; a table may be of several tools."""
    names = frozenset(tables)
    return tuple(
        FoundLedger(ledger, table)
        for table, columns in sorted(tables.items())
        for ledger in LEDGERS
        if ledger.kept is not None and _is_kept_in(ledger.kept, table, columns, names)
    )


def _is_kept_in(kept: Kept, table: LedgerTable, columns: Mapping[str, str], all_of: Collection[LedgerTable]) -> bool:
    at_home = kept.at_home is not None and f"{table.schema}.{table.name}" == kept.usual
    wanted = kept.at_home if kept.at_home is not None and at_home else kept.columns
    if any(columns.get(name) not in types for name, types in wanted.items()):
        return False
    if kept.others is not None and columns.keys() - kept.columns.keys() - kept.others:
        return False
    if kept.beside and LedgerTable(table.schema, kept.beside) not in all_of:
        return False
    return not kept.not_beside or LedgerTable(table.schema, kept.not_beside) not in all_of


def decide(
    shapes: Sequence[Ledger], found: Sequence[FoundLedger], *, tool: str, table: LedgerTable | None, schema: str
) -> tuple[Ledger, FoundLedger | None]:
    """Return the tool of a folder, and its ledger; None if there is none.

    `shapes` are the tools that the folder may be of, `found` the ledgers in the database. `tool` ("" for none) and
    `table` are what the contract says, whose schema is `schema`. A table in another schema is taken only if the
    contract names it: platforms keep ledgers of their own. Raises UsageError where these contradict each other, or
    several are possible.
    """
    candidates = (BY_NAME[tool],) if tool else tuple(shapes)
    if table is not None:
        found = _stated(found, table, tool)
        fitting = [one for one in found if one.ledger in candidates or not candidates]
        if not fitting:
            raise _contradiction(candidates, found, table)
    else:
        near = [one for one in found if _is_at_home(one) or one.table.schema in {schema, "public"}]
        # The ledger tells the tool of a folder that has no tool's shape, but not by its columns alone.
        fitting = [one for one in near if one.ledger in candidates or (not candidates and _is_usual(one))]
    if not fitting:
        return next(iter(candidates), plain.LEDGER), None
    tools = list(dict.fromkeys(one.ledger.name for one in fitting))
    if len(tools) > 1:
        said = " and ".join(f"{BY_NAME[name].title} ({_tables(fitting, name)})" for name in tools)
        raise UsageError(f"the database has ledgers of {said}", hint=_SAY.format("tool", "NAME"))
    one = _preferred(fitting, schema)
    return one.ledger, one


def _stated(found: Sequence[FoundLedger], table: LedgerTable, tool: str) -> list[FoundLedger]:
    """The ledgers that the stated table may be."""
    here = [one for one in found if one.table == table]
    if not here:
        nothing = "The database has no table that is a ledger by its columns."
        of = f" of {BY_NAME[tool].title}" if tool else ""
        others = ", ".join(dict.fromkeys(dotted(one.table) for one in found))
        raise UsageError(
            f"{dotted(table)}, the ledger that the contract names, is not there or does not have the columns of a "
            f"ledger{of}",
            hint=f"The database has {others}." if others else nothing,
        )
    return here


def _contradiction(candidates: Sequence[Ledger], found: Sequence[FoundLedger], table: LedgerTable) -> UsageError:
    tools = " or ".join(dict.fromkeys(one.ledger.title for one in found))
    files = " or ".join(one.title for one in candidates)
    return UsageError(
        f"the files are of {files}, but {dotted(table)} is by its columns a ledger of {tools}",
        hint="Correct “tool” or “ledger” under “migrations” in the contract.",
    )


def _is_usual(one: FoundLedger) -> bool:
    """Whether a table has the name that its tool gives: others may have such columns, too."""
    usual = one.ledger.kept.usual if one.ledger.kept else ""
    return usual in {one.table.name, f"{one.table.schema}.{one.table.name}"}


def _preferred(found: Sequence[FoundLedger], schema: str) -> FoundLedger:
    """The one where its tool keeps it by default. Raises UsageError if that is not told."""
    usual = [one for one in found if _is_usual(one)]
    for chosen in (
        [one for one in usual if _is_at_home(one)],
        [one for one in usual if one.table.schema == schema],
        usual or found,
    ):
        if len(chosen) == 1:
            return chosen[0]
    names = ", ".join(dotted(one.table) for one in found)
    title = found[0].ledger.title
    raise UsageError(
        f"the database has several ledgers of {title}: {names}", hint=_SAY.format("ledger", "SCHEMA.TABLE")
    )


def _is_at_home(one: FoundLedger) -> bool:
    return one.ledger.kept is not None and f"{one.table.schema}.{one.table.name}" == one.ledger.kept.usual


def _tables(found: Iterable[FoundLedger], name: str) -> str:
    return ", ".join(dotted(one.table) for one in found if one.ledger.name == name)

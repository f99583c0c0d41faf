"""Read the statements that repair an invariant's rows, from the files that the contract names."""

from __future__ import annotations

from typing import TYPE_CHECKING

import psycopg
from msgspec import Struct

from sessionaudit.audits.data.catalogs import tables
from sessionaudit.backfill import statement
from sessionaudit.core.place import where
from sessionaudit.core.ref import dotted
from sessionaudit.errors import ContractError, together
from sessionaudit.postgres.connection import broken as broken_connection

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sessionaudit.audits.data.queries import CatalogTable
    from sessionaudit.backfill.statement import Statement
    from sessionaudit.contract.invariants import Invariant
    from sessionaudit.contract.model import Contract
    from sessionaudit.core.kind import ObjectPath
    from sessionaudit.core.node import Scalar
    from sessionaudit.postgres.connection import Connection

_ROOTS = """
select pg_catalog.count(*) = 2 and pg_catalog.count(distinct pg_catalog.pg_partition_root(c.oid)::oid) = 1
   and pg_catalog.bool_and(pg_catalog.pg_partition_root(c.oid) is not null)
  from pg_catalog.pg_class c
  join pg_catalog.pg_namespace n on n.oid = c.relnamespace
 where (n.nspname, c.relname) in ((%s, %s), (%s, %s))"""


class Promise(Struct, frozen=True, kw_only=True):
    """An invariant, the table of its rows, the table of the promised rows if any, and the schema for names."""

    invariant: Invariant
    table: CatalogTable
    schema: str
    fulfilling: CatalogTable | None = None


class Repair(Promise, frozen=True, kw_only=True):
    """A promise with the statement that repairs its rows.

    `supersede` runs afterwards, for the keys that were repaired. `promises` says whether the repair creates exactly the
    rows that the invariant promises.
    """

    statement: Statement
    supersede: Statement | None
    promises: bool

    @property
    def shown(self) -> bool:
        """Whether the promised rows are those of a view, which does not show who wrote them."""
        return self.statement.inserts and self.fulfilling is not None and not self.fulfilling.versioned

    @property
    def promised(self) -> ObjectPath:
        """The table in which others may create the same rows."""
        has = self.invariant.has
        return has.path if has is not None and self.promises else self.statement.target


def promise(connection: Connection, contract: Contract, invariant: Invariant) -> Promise:
    """Find the tables of an invariant. Raises ContractError if its rows cannot be identified by one value."""
    has = invariant.has
    known = tables(connection, [invariant.each.path, *([has.path] if has else [])])
    table = known.get(invariant.each.path)
    if table is None or not table.single:
        raise ContractError(
            f"{dotted(invariant.each.path)} has no primary key of one column, which backfill needs to identify rows",
            location=where(invariant.each.node),
        )
    return Promise(
        invariant=invariant, table=table, schema=contract.schema, fulfilling=known.get(has.path) if has else None
    )


def load(connection: Connection, contract: Contract, invariant: Invariant, *, keep_older: bool = False) -> Repair:
    """Read the repair of an invariant. Raises ContractError if its files are not valid."""
    if invariant.repair is None:
        raise ContractError(
            f"the invariant {invariant.name} has no repair",
            location=invariant.location,
            hint="Repair its rows by hand.",
        )
    try:
        return _loaded(connection, contract, invariant, invariant.repair, keep_older=keep_older)
    except psycopg.Error as error:
        raise broken_connection(error, f"checking the repair of {invariant.name}") from None


def load_all(
    connection: Connection, contract: Contract, chosen: Iterable[Invariant], *, keep_older: bool = False
) -> list[Repair]:
    """Read the repairs of several invariants. Raises ContractError, as `load` does, with all problems."""
    loaded: list[Repair] = []
    wrong: list[ContractError] = []
    for invariant in chosen:
        try:
            loaded.append(load(connection, contract, invariant, keep_older=keep_older))
        except ContractError as error:
            wrong.append(error)
    if wrong:
        raise together(wrong)
    return loaded


def _loaded(
    connection: Connection, contract: Contract, invariant: Invariant, repair: Scalar, *, keep_older: bool
) -> Repair:
    found = promise(connection, contract, invariant)
    repairing = statement.read(connection, contract, repair)
    after = (
        None if keep_older or invariant.supersede is None else statement.read(connection, contract, invariant.supersede)
    )
    return Repair(
        invariant=invariant,
        table=found.table,
        schema=found.schema,
        fulfilling=found.fulfilling,
        statement=repairing,
        supersede=after,
        promises=repairing.inserts and _is_kin(connection, invariant, repairing),
    )


def _is_kin(connection: Connection, invariant: Invariant, made: Statement) -> bool:
    """Whether a statement writes to the promised table, or to another partition of the same table."""
    if invariant.has is None or made.target == invariant.has.path:
        return invariant.has is not None
    row = connection.execute(_ROOTS, (*made.target, *invariant.has.path)).fetchone()
    return row == (True,)

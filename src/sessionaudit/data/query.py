"""The SQL of an invariant, put together so that an error leads back to the contract's line."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from sessionaudit.core.query import Query, spelled
from sessionaudit.core.sql import identifier, literal

if TYPE_CHECKING:
    from sessionaudit.contract.invariants import Invariant, Rows

__all__ = ["Query", "Table", "spelled"]

SAMPLE = 5


class Table(NamedTuple):
    """What the catalogs know of a table: its primary key with types, and whether it has `created_at`."""

    key: tuple[str, ...]
    types: tuple[str, ...]
    dated: bool

    @property
    def type(self) -> str:
        """The type of a primary key of one column."""
        return self.types[0]


def key_of(each: Rows, table: Table) -> str:
    """The primary key of a row of `each`: a column, or a row of columns."""
    columns = [f"{identifier(each.alias)}.{identifier(column)}" for column in table.key]
    return columns[0] if len(columns) == 1 else f"row({', '.join(columns)})"


def source(rows: Rows) -> str:
    """A table under its alias, for `from`."""
    return f"{identifier(*rows.path)} as {identifier(rows.alias)}"


def since(invariant: Invariant, table: Table) -> Query | None:
    """Since when a row of `each` is there, if anything tells."""
    if invariant.since is not None:
        return Query().fragment(invariant.since)
    return Query(f"{identifier(invariant.each.alias)}.created_at") if table.dated else None


def old_enough(invariant: Invariant, table: Table) -> Query | None:
    """Whether a row of `each` is older than the invariant asks; None where it does not ask."""
    if invariant.older_than is None:
        return None
    moment = since(invariant, table)
    if moment is None:
        raise AssertionError(invariant.name)
    return moment + f" < pg_catalog.now() - interval {literal(invariant.older_than)}"


def fulfilled(invariant: Invariant) -> Query:
    """Whether a row of `each` has its row of `has`."""
    if invariant.has is None or invariant.on is None:
        raise AssertionError(invariant.name)
    return (Query(f"exists (select from {source(invariant.has)} where ").fragment(invariant.on)) + ")"


def concerned(invariant: Invariant, table: Table) -> Query:
    """Whether the invariant is about a row of `each`, as far as `where` tells, and leaves open whether it is kept."""
    query = Query()
    for clause in invariant.where:
        query = query.fragment(clause.sql) + " and "
    age = old_enough(invariant, table)
    return query.include(age) if age is not None else query + "true"


def broken(invariant: Invariant, table: Table) -> Query:
    """Whether a row of `each` breaks the invariant."""
    if invariant.violations is not None:
        return Query(f"{key_of(invariant.each, table)} in ").query(invariant.violations)
    return (concerned(invariant, table) + " and not ").include(fulfilled(invariant))


def count(invariant: Invariant, table: Table, sample: int = SAMPLE, *, since_moment: str = "") -> Query:
    """A query of how many rows break the invariant, and the keys of some: one pass for both.

    `since_moment` is a moment: older rows are left out.
    """
    query = Query(
        f"select pg_catalog.count(*), pg_catalog.array_agg(b.key::text) filter (where b.n <= {sample})\n"
        f"from (select {key_of(invariant.each, table)} as key, pg_catalog.row_number() over () as n\n"
        f"from {source(invariant.each)}\nwhere "
    )
    return query.include(_broken_since(invariant, table, since_moment)) + ") as b"


def keys(invariant: Invariant, table: Table, *, since_moment: str = "", limit: int | None = None) -> Query:
    """A query of the keys of all rows that break the invariant, in the order in which they lie in the table.

    `since_moment` is a moment: older rows are left out.
    """
    query = Query(f"select {key_of(invariant.each, table)}::text from {source(invariant.each)}\nwhere ")
    query = query.include(_broken_since(invariant, table, since_moment))
    return query + (f"\nlimit {limit}" if limit is not None else "")


def _broken_since(invariant: Invariant, table: Table, since_moment: str) -> Query:
    query = broken(invariant, table)
    moment = since(invariant, table)
    if not since_moment or moment is None:
        return query
    return (query + "\nand ").include(moment) + f" >= {literal(since_moment)}::timestamptz"


def foreign(invariant: Invariant, table: Table) -> Query:
    """A query of the keys for which others wrote a row of `has` since the transaction `start`.

    The parameter `ours` holds our own transactions: a row's version names the one that wrote it.
    """
    if invariant.has is None or invariant.on is None:
        raise AssertionError(invariant.name)
    written = f"{identifier(invariant.has.alias)}.xmin"
    query = Query(f"select {key_of(invariant.each, table)}::text from {source(invariant.has)}")
    query = (query + f" join {source(invariant.each)} on ").fragment(invariant.on)
    return query + (
        f" where pg_catalog.age({written}) <= pg_catalog.age(%(start)s::text::xid)"
        f" and {written}::text <> all (%(ours)s::text[])"
    )


def among(invariant: Invariant, table: Table) -> str:
    """The condition that a row's key is one of the parameter `keys`."""
    return f"{key_of(invariant.each, table)} = any (%(keys)s::{table.type}[])"


def still_broken(invariant: Invariant, table: Table, *, lock: str | None = None, whatever: bool = False) -> Query:
    """A query of those of the parameter `keys` whose rows break the invariant.

    With a `lock`, "" or " skip locked", it locks these rows, one after the other in the order of their keys.
    With `whatever` it takes those too that keep the invariant by now, which spares looking.
    """
    key = key_of(invariant.each, table)
    query = Query(f"select {key}::text from {source(invariant.each)}\nwhere {among(invariant, table)} and ")
    query = query.include((concerned if whatever else broken)(invariant, table))
    return query + (
        f"\norder by {key} for no key update of {identifier(invariant.each.alias)}{lock}" if lock is not None else ""
    )

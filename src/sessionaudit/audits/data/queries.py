"""Compose the SQL of an invariant, so that an error can be traced to a line of the contract."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from sessionaudit.core.query import Query, spelled
from sessionaudit.sql.text import identifier, literal

if TYPE_CHECKING:
    from sessionaudit.contract.invariants import AliasedTable, Invariant

__all__ = ["CatalogTable", "Query", "spelled"]

SAMPLE = 5


class CatalogTable(NamedTuple):
    """The properties of a table in the catalogs.

    `kind` is pg_class.relkind. `key` holds the columns of its primary key, with their types and equality operators,
    spelled so that they are valid under any search_path. With `compound`, one of them is an array or a row, which
    unnest would split. `dated` says whether the table has a column `created_at`.
    """

    kind: str
    key: tuple[str, ...]
    types: tuple[str, ...]
    equals: tuple[str, ...]
    compound: bool
    dated: bool

    @property
    def type(self) -> str:
        """The type of a primary key with one column."""
        return self.types[0]

    @property
    def equal(self) -> str:
        """The equality operator of a primary key with one column."""
        return self.equals[0]

    @property
    def single(self) -> bool:
        """Whether one value identifies a row."""
        return len(self.key) == 1 and not self.compound

    @property
    def versioned(self) -> bool:
        """Whether a row shows which transaction wrote it: rows of a table do, rows of a view do not."""
        return self.kind in {"r", "p", "m"}


def key_of(each: AliasedTable, table: CatalogTable) -> str:
    """Return the primary key of a row of `each`: a column, or a row of columns."""
    columns = [f"{identifier(each.alias)}.{identifier(column)}" for column in table.key]
    return columns[0] if len(columns) == 1 else f"row({', '.join(columns)})"


def source(rows: AliasedTable) -> str:
    """Return a table with its alias, for FROM."""
    return f"{identifier(*rows.path)} as {identifier(rows.alias)}"


def since(invariant: Invariant, table: CatalogTable) -> Query | None:
    """Return the expression for the time since when a row of `each` exists, if there is one."""
    if invariant.since is not None:
        return Query().fragment(invariant.since)
    return Query(f"{identifier(invariant.each.alias)}.created_at") if table.dated else None


def old_enough(invariant: Invariant, table: CatalogTable) -> Query | None:
    """Return the condition that a row of `each` is as old as the invariant requires; None if it requires no age."""
    if invariant.older_than is None:
        return None
    moment = since(invariant, table)
    if moment is None:
        raise AssertionError(invariant.name)
    # A row without a time counts as old; otherwise it would never be checked.
    return (
        Query("(").include(moment)
    ) + f" < pg_catalog.now() - interval {literal(invariant.older_than)}) is not false"


def fulfilled(invariant: Invariant) -> Query:
    """Return the condition that a row of `each` has its row of `has`."""
    if invariant.has is None or invariant.on is None:
        raise AssertionError(invariant.name)
    return (Query(f"exists (select from {source(invariant.has)} where ").fragment(invariant.on)) + ")"


def concerned(invariant: Invariant, table: CatalogTable) -> Query:
    """Return the condition that the invariant applies to a row of `each`, without the check whether it holds."""
    query = Query()
    for clause in invariant.where:
        query = query.fragment(clause.sql) + " and "
    age = old_enough(invariant, table)
    return query.include(age) if age is not None else query + "true"


def broken(invariant: Invariant, table: CatalogTable) -> Query:
    """Return the condition that a row of `each` violates the invariant."""
    if invariant.violations is not None:
        return Query(f"{key_of(invariant.each, table)} in ").query(invariant.violations)
    return (concerned(invariant, table) + " and not ").include(fulfilled(invariant))


def count(invariant: Invariant, table: CatalogTable, sample: int = SAMPLE, *, since_moment: str = "") -> Query:
    """Build the query that counts violating rows and invalid keys, and returns some keys, in one pass.

    Only `violations` can return invalid keys. Rows older than `since_moment`, a point in time, are left out.
    """
    query = Query()
    if invariant.violations is not None:
        query = (query + "with sessionaudit_found as ").query(invariant.violations) + "\n"
    query += (
        f"select pg_catalog.count(*), pg_catalog.array_agg(b.key::text) filter (where b.n <= {sample}), "
        f"{_strays(invariant, table)}\n"
        f"from (select {key_of(invariant.each, table)} as key, pg_catalog.row_number() over () as n\n"
        f"from {source(invariant.each)}\nwhere "
    )
    found = None
    if invariant.violations is not None:
        found = Query(f"{key_of(invariant.each, table)} in (select * from sessionaudit_found)")
    return query.include(_broken_since(invariant, table, since_moment, found)) + ") as b"


def _strays(invariant: Invariant, table: CatalogTable) -> str:
    """Return the expression that counts the values of `violations` that identify no row, including nulls."""
    if invariant.violations is None:
        return "0::pg_catalog.int8"
    columns = [f"sessionaudit_{number}" for number in range(len(table.key))]
    values = ", ".join(f"sessionaudit_value.{column}" for column in columns)
    value = values if len(columns) == 1 else f"row({values})"
    return (
        f"(select pg_catalog.count(*) from sessionaudit_found as sessionaudit_value ({', '.join(columns)})\n"
        f"where not exists (select from {source(invariant.each)} where {key_of(invariant.each, table)} = {value}))"
    )


def keys(invariant: Invariant, table: CatalogTable, *, since_moment: str = "", limit: int | None = None) -> Query:
    """Build the query for the keys of all violating rows, in their physical order in the table.

    `since_moment` is a moment: older rows are left out.
    """
    query = Query(f"select {key_of(invariant.each, table)} from {source(invariant.each)}\nwhere ")
    query = query.include(_broken_since(invariant, table, since_moment))
    return query + (f"\nlimit {limit}" if limit is not None else "")


def listed(invariant: Invariant, table: CatalogTable, *, since_moment: str = "", limit: int | None = None) -> Query:
    """Build the query for the violating rows: the key, the time, and the shown values; the oldest first.

    `since_moment` is a moment: older rows are left out.
    """
    query = Query(f"select {key_of(invariant.each, table)}, ")
    query = query.include(since(invariant, table) or Query("null::timestamptz"))
    for one in invariant.show:
        query = (query + ", ").fragment(one.sql)
    query += f"\nfrom {source(invariant.each)}\nwhere "
    query = query.include(_broken_since(invariant, table, since_moment)) + "\norder by 2 nulls last, 1"
    return query + (f"\nlimit {limit}" if limit is not None else "")


def _broken_since(invariant: Invariant, table: CatalogTable, since_moment: str, known: Query | None = None) -> Query:
    """Return the condition (`known` if given) that a row violates the invariant and is not older than a time."""
    query = known or broken(invariant, table)
    moment = since(invariant, table)
    if not since_moment or moment is None:
        return query
    return (query + "\nand ").include(moment) + f" >= {literal(since_moment)}::timestamptz"


def foreign(invariant: Invariant, table: CatalogTable) -> Query:
    """Build the query for the keys for which others wrote a row of `has` since the transaction `start`.

    The parameter `ours` holds our own transactions; a row's xmin is the transaction that wrote it.
    """
    if invariant.has is None or invariant.on is None:
        raise AssertionError(invariant.name)
    written = f"{identifier(invariant.has.alias)}.xmin"
    query = Query(f"select distinct {key_of(invariant.each, table)} from {source(invariant.has)}")
    query = (query + f" join {source(invariant.each)} on ").fragment(invariant.on)
    return query + (
        f" where pg_catalog.age({written}) <= pg_catalog.age(%(start)s::text::xid)"
        f" and {written}::text <> all (%(ours)s::text[])"
    )


# Queries over the parameter `keys`, an array of the keys of some rows; they return positions of keys, from 0. The keys
# come first in the join, so that an index finds the row of each, and no plan compares all keys with all rows. The names
# are long so that the contract's fragments in the same query cannot refer to them by accident.
_POSITION = "(sessionaudit_given.sessionaudit_position - 1)::int"


def _rows_of_keys(invariant: Invariant, table: CatalogTable) -> str:
    return (
        f"from pg_catalog.unnest(%(keys)s::{table.type}[]) with ordinality"
        f" as sessionaudit_given (sessionaudit_key, sessionaudit_position)"
        f"\njoin {source(invariant.each)}"
        f" on {key_of(invariant.each, table)} {table.equal} sessionaudit_given.sessionaudit_key\n"
    )


def among(invariant: Invariant, table: CatalogTable) -> str:
    """Return the condition that a row's key is one of the parameter `keys`."""
    return f"{key_of(invariant.each, table)} {table.equal} any (%(keys)s::{table.type}[])"


def locked(invariant: Invariant, table: CatalogTable, *, skip: bool = False, whatever: bool = False) -> Query:
    """Build the query that locks those rows of the keys that violate the invariant.

    They are locked in the order of their keys, so that two sessions that do this cannot deadlock. With `skip`, rows
    that others have locked are left out, and no order is needed. With `whatever`, rows that satisfy the invariant by
    now are locked too, which saves the check.
    """
    query = Query(f"select {_POSITION} {_rows_of_keys(invariant, table)}where ")
    query = query.include((concerned if whatever else broken)(invariant, table))
    order = "" if skip else f"order by {key_of(invariant.each, table)} "
    return query + f"\n{order}for no key update of {identifier(invariant.each.alias)}{' skip locked' if skip else ''}"


def still_broken(invariant: Invariant, table: CatalogTable) -> Query:
    """Build the query for those of the keys whose rows violate the invariant."""
    query = Query(f"select {_POSITION} {_rows_of_keys(invariant, table)}where ")
    return query.include(broken(invariant, table))


def fulfilled_by(invariant: Invariant, table: CatalogTable, *, versioned: bool) -> Query:
    """Build the query for the keys without exactly one row of `has`: position, rows, and our own rows.

    Counting ends at the parameter `most`. The parameter `ours` is our transaction; rows of `has` show theirs if
    `versioned`.
    """
    if invariant.has is None or invariant.on is None:
        raise AssertionError(invariant.name)
    own = f"{identifier(invariant.has.alias)}.xmin = %(ours)s::text::xid" if versioned else "%(ours)s::text is null"
    query = Query(
        f"select {_POSITION}, sessionaudit_has.found::int, sessionaudit_has.own::int {_rows_of_keys(invariant, table)}"
        f"cross join lateral (select pg_catalog.count(*) as found, pg_catalog.count(*) filter (where h.own) as own"
        f" from (select {own} as own from {source(invariant.has)} where "
    ).fragment(invariant.on)
    return query + " limit %(most)s::int) as h) as sessionaudit_has where sessionaudit_has.found <> 1"

"""What stands in the way of a step: rows that do not fit, and other objects.

Both are found by one query, whose last column says why. The table has no alias there, so that the contract's
expressions can name it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from msgspec import Struct

from sessionaudit.core.cure import absent
from sessionaudit.core.ref import ObjectRef
from sessionaudit.core.step import Hazard, Obstacle, Risk
from sessionaudit.kinds.common.catalog_conditions import OF_NO_CONSTRAINT, index_is, relation
from sessionaudit.kinds.common.holder import key_of, standing_on
from sessionaudit.sql.text import literal, quoted

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sessionaudit.core.cure import Difference
    from sessionaudit.core.kind import ObjectPath
    from sessionaudit.core.step import Condition


# What a failed concurrent build leaves, over pg_index `i`.
DEBRIS = f"not i.indisvalid and {OF_NO_CONSTRAINT}"


REPEATED = "Keep one of each set of duplicates."


class Value(Struct, frozen=True):
    """SQL over a table's columns, and what to call it."""

    sql: str
    name: str

    @property
    def label(self) -> str:
        """Its quoted name, distinct from the column `key` of an obstacle."""
        return quoted(self.name if self.name != "key" else "key of the row")


class RowsQuery(Struct, frozen=True):
    """A query of rows: key, some values (`width` of them) and the reason; and a hint."""

    query: str
    width: int
    hint: str

    def or_else(self, other: RowsQuery) -> RowsQuery:
        """These rows and others with the same columns."""
        return RowsQuery(f"{self.query} union all {other.query}", self.width, f"{self.hint} {other.hint}")


class Hindrance(Struct, frozen=True):
    """A query of the catalogs with a text for each object in the way, and a hint."""

    query: str
    hint: str


def column(difference: Difference[Any], name: str) -> Value:
    """The value of a column of the difference's table."""
    return Value(f"{quoted(difference.table[1])}.{quoted(name)}", name)


def obstacle(difference: Difference[Any], what: str, rows: RowsQuery | None, *others: Hindrance) -> Obstacle | None:
    """All that is in the way, in one query; None where nothing can be. `what` follows “rows”."""
    if rows is None and not others:
        return None
    queries = [] if rows is None else [rows.query]
    empty = "null, " * (rows.width if rows else 0)
    # Beside rows null has the type of their keys, whatever that is by then.
    key = "null" if rows else _no_key(difference)
    queries += [f"select {key} as key, {empty}h.why from ({other.query}) h (why)" for other in others]
    hint = rows.hint if rows else " ".join(dict.fromkeys(filter(None, (other.hint for other in others))))
    beside = " union all ".join(
        f"select null as key, h.why, {literal(other.hint)}::text as hint from ({other.query}) h (why)"
        for other in others
    )
    return Obstacle(" union all ".join(queries), what, hint, rows is not None, beside)


def _no_key(difference: Difference[Any]) -> str:
    """Null, of the type of the rows' keys, so that a repair of rows accepts it and does nothing."""
    name = key_of(difference, "").removeprefix(".")
    present = difference.present["column"]
    for path in difference.of_table("column", difference.table):
        if path in present and quoted(path[2]) == name:
            return f"null::{present[path].type}"
    return "null"


# Rows


def failing(difference: Difference[Any], values: Sequence[Value], where: str, why: str, hint: str) -> RowsQuery:
    """The rows that satisfy a condition, with some of their values."""
    shown = "".join(f"{value.sql} as {value.label}, " for value in values)
    key = key_of(difference, quoted(difference.table[1]))
    query = f"select {key} as key, {shown}{literal(why)}::text as why from {difference.on} where {where}"
    return RowsQuery(query, len(values), hint)


def repeated(
    difference: Difference[Any], values: Sequence[Value], *, nulls_alike: bool = False, where: str = ""
) -> RowsQuery:
    """All rows but the first of each set of duplicates.

    PARTITION BY compares as a unique index does.
    """
    table = quoted(difference.table[1])
    key = key_of(difference, table)
    taken = [f"({where})"] if where else []
    if not nulls_alike:
        taken += [f"({value.sql}) is not null" for value in values]
    shown = ", ".join(f"d.v{place} as {value.label}" for place, value in enumerate(values, 1))
    inner = ", ".join(f"({value.sql}) as v{place}" for place, value in enumerate(values, 1))
    alike = ", ".join(f"({value.sql})" for value in values)
    order = f"{table}.ctid" if key == "null" else key
    query = (
        f"select d.key, {shown}, 'repeated'::text as why from (select {key} as key, {inner},"
        f" pg_catalog.row_number() over (partition by {alike} order by {order}) as place"
        f" from {difference.on}{' where ' if taken else ''}{' and '.join(taken)}) d where d.place > 1"
    )
    return RowsQuery(query, len(values), REPEATED)


def overlapping(difference: Difference[Any], values: Sequence[Value]) -> RowsQuery:
    """The rows whose range, the last of the columns, overlaps that of another row with the same other columns."""
    table = quoted(difference.table[1])
    other = "other" if table != "other" else "another"
    terms = [f"{other}.{quoted(value.name)} = {value.sql}" for value in values[:-1]]
    terms.append(f"{other}.{quoted(values[-1].name)} && {values[-1].sql}")
    terms.append(f"({other}.tableoid, {other}.ctid) < ({table}.tableoid, {table}.ctid)")
    where = f"exists (select from {difference.on} {other} where {' and '.join(terms)})"
    return failing(difference, values, where, "overlapping", "Shorten or delete one of two rows that overlap.")


def breaking(
    difference: Difference[Any], rows: RowsQuery | None, what: str, *, stated: bool, exchanged: bool
) -> Risk | None:
    """The risk that existing rows violate a constraint that is added NOT VALID: they can then not be updated.

    None where the contract itself has the constraint NOT VALID (`stated`), or the table is new. Where one is
    `exchanged` for it, a repair of the rows must wait: they must satisfy the old one until then.
    """
    if rows is None or stated or not standing_on(difference):
        return None
    found = Obstacle(rows=rows.query, what=what, hint=rows.hint, of_rows=True)
    return Risk(hazard=Hazard.NOT_VALID, found=found, later=exchanged)


# Objects in the way


def freeing(difference: Difference[Any], name: str) -> tuple[Condition, ...]:
    """That an index or constraint of another table with the same name has been dropped, where it is declared absent."""
    return tuple(
        absent(ObjectRef(kind, path))
        for kind in ("index", "key", "exclusion")
        for path in difference.present[kind]
        if (path[0], path[2]) == (difference.table[0], name) and path[:2] != difference.table
        if path in difference.wanted[kind] and difference.wanted[kind][path] is None
    )


def named(path: ObjectPath, own: str) -> Hindrance:
    """A relation with the index's name, except an index of this table that satisfies a condition."""
    return Hindrance(
        "select pg_catalog.format('%s already has this name, and must be renamed first',"
        " pg_catalog.pg_describe_object(d.c, d.o, 0))"
        f" from (select {_RELATIONS}, {_index(path)}) d (c, o)"
        f" where d.o is not null and not {index_is(path, own)}",
        "Rename that object: indexes, tables, views and sequences share one namespace.",
    )


def fixed(path: ObjectPath) -> Hindrance:
    """That an index or its key cannot be dropped: it is part of a partitioned index, or the replica identity."""
    index = _index(path)
    return Hindrance(
        f"select pg_catalog.format('it is a part of the index %s', h.inhparent::pg_catalog.regclass)"
        f" from pg_catalog.pg_inherits h where h.inhrelid = {index}"
        f" union all select 'it is the replica identity' from pg_catalog.pg_index i"
        f" where i.indexrelid = {index} and i.indisreplident",
        "Change that first.",
    )


def _index(path: ObjectPath) -> str:
    return relation((path[0], path[2]))


def inherited(path: ObjectPath) -> Hindrance:
    """That a constraint is inherited, and can be changed only on its parent."""
    return Hindrance(
        "select pg_catalog.format('it is inherited from %s, where it must be changed',"
        " (select pg_catalog.string_agg(h.inhparent::pg_catalog.regclass::text, ', ')"
        " from pg_catalog.pg_inherits h where h.inhrelid = c.conrelid))"
        f" from pg_catalog.pg_constraint c where c.oid = {_constraint(path)} and c.coninhcount > 0",
        "Change it on the parent table.",
    )


def copied(path: ObjectPath) -> Hindrance:
    """That a trigger is a partition's copy, and can be changed only on the partitioned table."""
    return Hindrance(
        "select pg_catalog.format('it is a copy of %s, which must be changed', pg_catalog.pg_describe_object("
        f"'pg_catalog.pg_trigger'::pg_catalog.regclass, t.tgparentid, 0)) from pg_catalog.pg_trigger t"
        f" where t.tgrelid = {relation(path)} and t.tgname = {literal(path[2])} and t.tgparentid <> 0",
        "Change it on the parent table.",
    )


_RELATIONS = "'pg_catalog.pg_class'::pg_catalog.regclass"
_CONSTRAINTS = "'pg_catalog.pg_constraint'::pg_catalog.regclass"


def _constraint(path: ObjectPath) -> str:
    return (
        f"(select o.oid from pg_catalog.pg_constraint o where o.conrelid = {relation(path)}"
        f" and o.conname = {literal(path[2])})"
    )

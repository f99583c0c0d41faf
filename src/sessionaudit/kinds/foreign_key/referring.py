"""What PostgreSQL requires of a foreign key: comparable types, and a unique key of the target."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sessionaudit.core.cure import array
from sessionaudit.core.ref import dotted
from sessionaudit.kinds.column.tied_by_foreign_keys import UNLIKE, of_name
from sessionaudit.kinds.common.catalog_conditions import names, relation
from sessionaudit.kinds.common.obstacle_queries import Hindrance
from sessionaudit.sql.text import literal

if TYPE_CHECKING:
    from sessionaudit.core.cure import Difference
    from sessionaudit.core.kind import ObjectPath
    from sessionaudit.kinds.foreign_key.model import ForeignKey


def unlike(difference: Difference[ForeignKey]) -> tuple[Hindrance, ...]:
    """Columns whose types PostgreSQL does not compare, as they are to be."""
    key = difference.new
    if len(key.target_columns) != len(key.columns):
        return ()
    pairs = [
        ((*difference.table, name), (*key.target, target))
        for name, target in zip(key.columns, key.target_columns, strict=True)
    ]
    return tuple(
        Hindrance(
            f"select pg_catalog.format('{literal(dotted(near))[1:-1]} is %s, and {literal(dotted(far))[1:-1]} is %s',"
            " pg_catalog.format_type(t.referring, null), pg_catalog.format_type(t.referred_to, null))"
            f" from (select {_type(difference, near)}, {_type(difference, far)}) t (referring, referred_to)"
            f" where {UNLIKE}",
            "Give both columns the same type.",
        )
        for near, far in pairs
    )


def _type(difference: Difference[ForeignKey], path: ObjectPath) -> str:
    """The type that a column has when the foreign key is added."""
    wanted, present = difference.wanted["column"].get(path), difference.present["column"].get(path)
    if wanted is not None and (present is None or present.type != wanted.type):
        return of_name(wanted.type)
    return (
        f"(select a.atttypid from pg_catalog.pg_attribute a where a.attrelid = {relation(path)}"
        f" and a.attname = {literal(path[2])} and not a.attisdropped)"
    )


def unkeyed(difference: Difference[ForeignKey]) -> tuple[Hindrance, ...]:
    """That nothing makes the far end unique, by transformFkeyCheckAttrs (src/backend/commands/tablecmds.c)."""
    key = difference.new
    if not key.target_columns:
        return ()
    columns = "(pg_catalog.string_to_array(i.indkey::text, ' ')::int2[])[1:i.indnkeyatts]"
    listed = f"array(select o.name from pg_catalog.unnest({names(columns, 'i.indrelid')}) o (name) order by o.name)"
    wanted = f"array(select o.name from pg_catalog.unnest({array(key.target_columns)}) o (name) order by o.name)"
    return (
        Hindrance(
            f"select {literal(f'there is no unique key on these columns of {dotted(key.target)}')}"
            f" where {relation(key.target)} is not null"
            f" and not exists (select from pg_catalog.pg_index i where i.indrelid = {relation(key.target)}"
            " and i.indisunique and i.indimmediate and i.indisvalid and i.indpred is null and i.indexprs is null"
            f" and {listed} = {wanted})",
            "Declare a key or a unique index over them.",
        ),
    )

"""Columns tied by foreign keys: where old and new types do not compare, both ends change together."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sessionaudit.core.cure import absent
from sessionaudit.core.ref import ObjectRef
from sessionaudit.kinds.column.rewrites import builtin, shape
from sessionaudit.kinds.common.catalog_conditions import relation
from sessionaudit.kinds.common.obstacle_queries import Hindrance
from sessionaudit.sql.text import literal

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from sessionaudit.core.cure import Difference
    from sessionaudit.core.kind import ObjectPath
    from sessionaudit.core.step import Condition
    from sessionaudit.kinds.column.model import Column

# Types of which PostgreSQL compares each with each other, so that one end of a foreign key can wait for the other.
_COMPARED = (
    {"smallint", "integer", "bigint"},
    {"text", "character varying"},
    {"real", "double precision"},
    {"date", "timestamp without time zone", "timestamp with time zone"},
)


def tied(difference: Difference[Column]) -> tuple[ObjectPath, ...]:
    """The columns that must get their types at once with the difference's, which is one of them, by name."""
    found = {difference.ref.path}
    waiting = [difference.ref.path]
    while waiting:
        path = waiting.pop()
        for other in _other_ends(difference, path):
            if other not in found and not _compared(difference, path, other):
                found.add(other)
                waiting.append(other)
    return tuple(sorted(found))


def _other_ends(difference: Difference[Any], path: ObjectPath) -> Iterator[ObjectPath]:
    """The columns tied to a column by foreign keys whose types are to change too."""
    for key_path, key in difference.present["foreign_key"].items():
        for name, target in zip(key.columns, key.target_columns, strict=False):
            ends: list[ObjectPath] = [(*key_path[:2], name), (*key.target, target)]
            if path in ends:
                other = ends[1 - ends.index(path)]
                if _changes(difference, other):
                    yield other


def _changes(difference: Difference[Any], path: ObjectPath) -> bool:
    expected, actual = difference.wanted["column"].get(path), difference.present["column"].get(path)
    if expected is None or actual is None:
        return False
    return expected.type != actual.type and expected.generated is None and actual.generated is None


def _compared(difference: Difference[Any], *paths: ObjectPath) -> bool:
    bases = {shape(side["column"][path].type)[0] for path in paths for side in (difference.wanted, difference.present)}
    return any(bases <= family for family in _COMPARED)


def untied(differences: Sequence[Difference[Column]]) -> list[Hindrance]:
    """The foreign keys to columns whose type stays and does not compare with the new one."""
    return [_untied(one, [other.ref.path for other in differences]) for one in differences if builtin(one.new.type)]


def going(differences: Sequence[Difference[Column]]) -> tuple[Condition, ...]:
    """That foreign keys between the columns that are declared absent have been dropped."""
    columns = {one.ref.path for one in differences}
    return tuple(
        absent(ObjectRef("foreign_key", path))
        for path, key in differences[0].present["foreign_key"].items()
        if path in differences[0].wanted["foreign_key"] and differences[0].wanted["foreign_key"][path] is None
        if columns
        & {*((*path[:2], name) for name in key.columns), *((*key.target, name) for name in key.target_columns)}
    )


def _untied(difference: Difference[Column], members: Iterable[ObjectPath]) -> Hindrance:
    path = difference.ref.path
    with_them = "".join(
        f" and not (o.attrelid = {relation(other)} and o.attname = {literal(other[2])})" for other in members
    )
    leaving = "".join(
        f" and not (k.conrelid = {relation(condition.ref.path)} and k.conname = {literal(condition.ref.path[2])})"
        for condition in going([difference])
    )
    type_ = of_name(difference.new.type)
    return Hindrance(
        "select pg_catalog.format('the foreign key %I of %s ties it to %s.%I, which is %s', k.conname,"
        " k.conrelid::pg_catalog.regclass, o.attrelid::pg_catalog.regclass, o.attname,"
        " pg_catalog.format_type(o.atttypid, o.atttypmod))"
        " from pg_catalog.pg_attribute a join pg_catalog.pg_constraint k"
        " on k.contype = 'f' and k.conparentid = 0 and a.attrelid in (k.conrelid, k.confrelid)"
        " cross join lateral rows from (pg_catalog.unnest(k.conkey), pg_catalog.unnest(k.confkey)) p (near, far)"
        " join lateral (values (k.conrelid, p.near, k.confrelid, p.far, true), (k.confrelid, p.far, k.conrelid, p.near,"
        " false)) e (here, own, there, other, referring) on e.here = a.attrelid and e.own = a.attnum"
        " join pg_catalog.pg_attribute o on o.attrelid = e.there and o.attnum = e.other"
        f" cross join lateral (select case when e.referring then {type_} else o.atttypid end,"
        f" case when e.referring then o.atttypid else {type_} end) t (referring, referred_to)"
        f" where a.attrelid = {relation(path)} and a.attname = {literal(path[2])}{with_them}{leaving} and {UNLIKE}",
        "State the type of that column in the contract, so that both change at once; or drop the foreign key.",
    )


def of_name(type_: str) -> str:
    """The oid of a built-in type by its name; null for any other."""
    base, _, many = shape(type_)
    return f"pg_catalog.to_regtype({literal(base + ('[]' if many else ''))})::oid" if builtin(type_) else "null::oid"


_BASE = "coalesce((select nullif(y.typbasetype, 0) from pg_catalog.pg_type y where y.oid = {0}), {0})"
# That a foreign key cannot refer from one type to another, by ATAddForeignKeyConstraint
# (src/backend/commands/tablecmds.c), over types `t (referring, referred_to)`.
UNLIKE = (
    f"{_BASE.format('t.referring')} <> {_BASE.format('t.referred_to')}"
    " and not exists (select from pg_catalog.pg_amop m join pg_catalog.pg_am h on h.oid = m.amopmethod"
    f" where h.amname = 'btree' and m.amopstrategy = 3 and m.amoplefttype = {_BASE.format('t.referred_to')}"
    f" and m.amoprighttype = {_BASE.format('t.referring')})"
    f" and not exists (select from pg_catalog.pg_cast c where c.castsource = {_BASE.format('t.referring')}"
    f" and c.casttarget = {_BASE.format('t.referred_to')} and c.castcontext = 'i')"
)


def named(differences: Sequence[Difference[Column]]) -> str:
    """The columns, for a sentence."""
    *most, last = [one.ref.dotted for one in differences]
    return f"{', '.join(most)} and {last}" if most else last

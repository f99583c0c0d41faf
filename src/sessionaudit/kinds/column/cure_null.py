"""Setting and dropping NOT NULL."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec.structs import replace

from sessionaudit.core.cure import absent, fitting, negated, valid
from sessionaudit.core.ref import ObjectRef
from sessionaudit.core.step import Condition, Hazard, LockLevel, Obstacle, Step
from sessionaudit.kinds.column.cure_not_null import not_null_steps
from sessionaudit.kinds.common.catalog_conditions import column_is, constraint_is, relation
from sessionaudit.kinds.common.holder import key_of
from sessionaudit.kinds.common.obstacle_queries import Hindrance, failing, inherited, obstacle
from sessionaudit.kinds.common.rights import owning
from sessionaudit.sql.text import literal, quoted

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sessionaudit.core.cure import Difference
    from sessionaudit.core.kind import ObjectPath
    from sessionaudit.kinds.column.model import Column


def refuse_nulls(difference: Difference[Column]) -> tuple[Step, ...]:
    """Make it NOT NULL when every row is known to have a value.

    No step begins while one has none: with a check that is NOT VALID, such a row could no longer be
    updated. The query works even if the column does not exist yet.
    """
    ref, default = difference.ref, difference.new.default
    filled = f"update {difference.on} set {ref.name} = {default or '…'} where {ref.name} is null;"
    without = Obstacle(
        rows=(
            f"select {key_of(difference, 'r')} as key from {difference.on} r"
            f" where pg_catalog.to_jsonb(r) ->> {literal(ref.path[2])} is null"
        ),
        what=f"have no {ref.name}",
        hint=f"Fill it in: {filled}",
        of_rows=True,
    )
    if difference.actual is not None:
        without = replace(
            without, rows=f"select {key_of(difference, 'r')} as key from {difference.on} r where r.{ref.name} is null"
        )
    return tuple(
        replace(step, obstacle=without) if Hazard.SCAN in step.hazards or not step.provides else step
        for step in not_null_steps(difference, ref.path[2])
    )


def validate(difference: Difference[Column]) -> tuple[Step, ...]:
    """Validate NOT NULL for the existing rows: reads the table, blocks nobody."""
    ref, name = difference.ref, difference.old.unproven
    if not name:
        return ()
    return (
        Step(
            action=f"Validate NOT NULL of {ref.dotted}",
            ref=ref,
            sql=(f"alter table {difference.on} validate constraint {quoted(name)}",),
            done=constraint_is((*difference.table, name), "c.convalidated"),
            lock=LockLevel.SHARE_UPDATE_EXCLUSIVE,
            locks=(difference.table,),
            provides=(valid(ref),),
            needs=(owning(ref.path),),
            hazards=(Hazard.SCAN,),
            obstacle=obstacle(
                difference,
                f"have no {ref.name}",
                failing(difference, (), f"{ref.name} is null", "null", "Fill it in, or delete the rows."),
                inherited((*difference.table, name)),
            ),
            timeout=None,
        ),
    )


def allow_nulls(difference: Difference[Column]) -> tuple[Step, ...]:
    """Drop NOT NULL, unless something that stays requires it: a key, an identity, a parent."""
    ref = difference.ref
    if not difference.old.not_null:
        return ()
    leaving = _leaving_keys(difference)
    return (
        Step(
            action=f"Drop NOT NULL of {ref.dotted}",
            ref=ref,
            sql=(f"alter table {difference.on} alter column {ref.name} drop not null",),
            done=negated(column_is(ref.path, "a.attnotnull")),
            locks=(difference.table,),
            requires=(*(condition for _, condition in leaving), *_ordinary(difference)),
            needs=(owning(ref.path),),
            hazards=(Hazard.LOOSEN,),
            obstacle=obstacle(
                difference,
                f"prevent {ref.name} from holding nulls",
                None,
                _holding(difference, [path for path, _ in leaving]),
            ),
        ),
    )


def _ordinary(difference: Difference[Column]) -> tuple[Condition, ...]:
    """The condition that it is no longer an identity, if that is to change."""
    ends = difference.old.identity and difference.expected is not None and not difference.expected.identity
    return (fitting(difference.ref),) if ends else ()


def _holding(difference: Difference[Column], leaving: Iterable[ObjectPath]) -> Hindrance:
    """What requires NOT NULL: an identity, a primary key that stays, a parent."""
    path = difference.ref.path
    kept = "".join(f" and k.conname <> {literal(key[2])}" for key in leaving)
    column = (
        f"pg_catalog.pg_attribute a where a.attrelid = {relation(path)} and a.attname = {literal(path[2])}"
        " and not a.attisdropped"
    )
    identity = "" if _ordinary(difference) else f"select 'it is an identity' from {column} and a.attidentity <> ''"
    queries = (
        identity,
        "select pg_catalog.format('it is in the primary key %I', k.conname) from pg_catalog.pg_constraint k,"
        f" {column} and k.conrelid = a.attrelid and k.contype = 'p' and a.attnum = any (k.conkey){kept}",
        "select pg_catalog.format('it is in the index %s, which is the replica identity',"
        " i.indexrelid::pg_catalog.regclass) from pg_catalog.pg_index i,"
        f" {column} and i.indrelid = a.attrelid and i.indisreplident and a.attnum = any (i.indkey::int2[])",
        # A child keeps what it inherits: a partition in every version, any other since PostgreSQL 18.
        "select pg_catalog.format('it is NOT NULL in %s, from which it is inherited', h.inhparent::pg_catalog.regclass)"
        " from pg_catalog.pg_inherits h join pg_catalog.pg_class c on c.oid = h.inhrelid"
        " join pg_catalog.pg_attribute p on p.attrelid = h.inhparent and p.attnotnull and not p.attisdropped,"
        f" {column} and h.inhrelid = a.attrelid and p.attname = a.attname and (c.relispartition"
        " or exists (select from pg_catalog.pg_constraint n where n.conrelid = a.attrelid and n.contype = 'n'"
        " and n.conkey = array[a.attnum] and n.coninhcount > 0))",
    )
    return Hindrance(" union all ".join(filter(None, queries)), "Change that first, or declare the column not null.")


def _leaving_keys(difference: Difference[Column]) -> list[tuple[ObjectPath, Condition]]:
    """The primary keys that are dropped or lose the column, each with the condition that this is done."""
    table, name = difference.table, difference.ref.path[2]
    found: list[tuple[ObjectPath, Condition]] = []
    for path, key in difference.present["key"].items():
        if path[:2] != table or key.type != "primary key" or name not in key.columns:
            continue
        wanted = difference.wanted["key"].get(path, key)
        if wanted is None:
            found.append((path, absent(ObjectRef("key", path))))
        elif wanted.type != "primary key" or name not in wanted.columns:
            found.append((path, valid(ObjectRef("key", path))))
    return found


def in_primary_key(difference: Difference[Column]) -> bool:
    """Whether the column is in the primary key that the table has."""
    keys = difference.present["key"].items()
    found = (key for path, key in keys if path[:2] == difference.table and key.type == "primary key")
    return any(difference.ref.path[2] in key.columns for key in found)

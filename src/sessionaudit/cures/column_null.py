"""Columns that may, or may no longer, hold nulls."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from sessionaudit.core.cure import absent, column_is, constraint_is, key_of, negated, owning, valid
from sessionaudit.core.ref import ObjectRef
from sessionaudit.core.sql import literal, quoted
from sessionaudit.core.step import Condition, Hazard, LockLevel, Obstacle, Step
from sessionaudit.cures.not_null import not_null_steps
from sessionaudit.cures.obstacles import failing, inherited, obstacle

if TYPE_CHECKING:
    from sessionaudit.core.cure import Difference
    from sessionaudit.kinds.column import Column


def refuse_nulls(difference: Difference[Column]) -> tuple[Step, ...]:
    """Make it NOT NULL when every row is known to have a value.

    No step begins while one has none: with a check that is not valid yet, such a row could not even be
    updated any more. The rows are asked for so that the column need not be there yet.
    """
    ref, default = difference.ref, difference.new.default
    filled = f"update {difference.on} set {ref.name} = {default or '…'} where {ref.name} is null;"
    obstacle = Obstacle(
        rows=(
            f"select {key_of(difference, 'r')} as key from {difference.on} r"
            f" where pg_catalog.to_jsonb(r) ->> {literal(ref.path[2])} is null"
        ),
        what=f"have no {ref.name}",
        hint=f"Fill it in: {filled}",
        of_rows=True,
    )
    if difference.actual is not None:
        obstacle = obstacle._replace(
            rows=f"select {key_of(difference, 'r')} as key from {difference.on} r where r.{ref.name} is null"
        )
    return tuple(
        replace(step, obstacle=obstacle) if Hazard.SCAN in step.hazards or not step.provides else step
        for step in not_null_steps(difference, ref.path[2])
    )


def validate(difference: Difference[Column]) -> tuple[Step, ...]:
    """Have PostgreSQL look for nulls in the rows that were there before: reads the table, blocks nobody."""
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
                failing(difference, (), f"{ref.name} is null", "null", "Fill it in, or delete them."),
                inherited((*difference.table, name)),
            ),
            timeout=None,
        ),
    )


def allow_nulls(difference: Difference[Column]) -> tuple[Step, ...]:
    """Let it hold nulls; not possible in a primary key, before that is another one, nor where it is an identity."""
    ref = difference.ref
    leaving = _leaving_key(difference)
    if leaving is None or difference.old.identity or not difference.old.not_null:
        return ()
    return (
        Step(
            action=f"Let {ref.dotted} hold nulls",
            ref=ref,
            sql=(f"alter table {difference.on} alter column {ref.name} drop not null",),
            done=negated(column_is(ref.path, "a.attnotnull")),
            locks=(difference.table,),
            requires=leaving,
            needs=(owning(ref.path),),
            hazards=(Hazard.LOOSEN,),
        ),
    )


def _leaving_key(difference: Difference[Column]) -> tuple[Condition, ...] | None:
    """What takes the column out of its primary key; None where it is to be in one, or nothing does."""
    table, name = difference.table, difference.ref.path[2]
    conditions: list[Condition] = []
    for path, key in difference.of_table("key", table).items():
        if key.type == "primary key" and name in key.columns and path in difference.wanted["key"]:
            return None
    for path, found in difference.present["key"].items():
        if path[:2] == table and found.type == "primary key" and name in found.columns:
            if path not in difference.wanted["key"]:
                return None
            ref = ObjectRef("key", path)
            conditions.append(absent(ref) if difference.wanted["key"][path] is None else valid(ref))
    return tuple(conditions)

"""NOT NULL without a long lock: a check that is validated without blocking others proves it first."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sessionaudit.core.cure import present, spare, valid
from sessionaudit.core.ref import ObjectRef
from sessionaudit.core.step import Hazard, LockLevel, Step
from sessionaudit.kinds.common.catalog_conditions import column_is, constraint_is
from sessionaudit.kinds.common.holder import holder
from sessionaudit.kinds.common.obstacle_queries import failing, obstacle
from sessionaudit.kinds.common.rights import owning
from sessionaudit.sql.text import quoted

if TYPE_CHECKING:
    from sessionaudit.core.cure import Difference


def not_null_steps(difference: Difference[Any], column: str) -> tuple[Step, ...]:
    """Make a column of the difference's table NOT NULL; every caller gets the same steps.

    SET NOT NULL reads the whole table under its strong lock unless a valid check says that there is
    no null (the manual's page on ALTER TABLE). It must be there until then, so that it is dropped by
    a second statement of the same transaction: in one statement PostgreSQL drops before it looks.
    """
    path = (*difference.table, column)
    ref, on, name = ObjectRef("column", path), difference.on, quoted(column)
    check = (*difference.table, spare(f"{column}_is_not_null", "check"))
    set_ = column_is(path, "a.attnotnull")
    nulls = obstacle(
        difference,
        f"have no {name}",
        failing(difference, (), f"{name} is null", "null", "Fill it in, or delete the rows."),
    )
    promise = Step(
        action=f"Reject new nulls in {ref.dotted}",
        ref=ref,
        sql=(f"alter table {on} add constraint {quoted(check[2])} check ({name} is not null) not valid",),
        done=f"({set_} or {constraint_is(check)})",
        locks=(difference.table,),
        requires=(present(holder(difference)), present(ref)),
        needs=(owning(path),),
        obstacle=nulls,
    )
    proof = Step(
        action=f"Verify that {ref.dotted} holds no nulls",
        ref=ref,
        sql=(f"alter table {on} validate constraint {quoted(check[2])}",),
        done=f"({set_} or {constraint_is(check, 'c.convalidated')})",
        lock=LockLevel.SHARE_UPDATE_EXCLUSIVE,
        locks=(difference.table,),
        needs=(owning(path),),
        hazards=(Hazard.SCAN,),
        obstacle=nulls,
        timeout=None,
    )
    change = Step(
        action=f"Make {ref.dotted} not null, as just verified",
        ref=ref,
        sql=(
            f"alter table {on} alter column {name} set not null",
            f"alter table {on} drop constraint {quoted(check[2])}",
        ),
        done=f"({set_} and not {constraint_is(check)})",
        locks=(difference.table,),
        provides=(valid(ref),),
        needs=(owning(path),),
    )
    return promise, proof, change

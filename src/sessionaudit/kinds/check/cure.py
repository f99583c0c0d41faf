"""Check constraints: added NOT VALID, then validated in a separate transaction."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec.structs import replace

from sessionaudit.core.cure import Cure, Difference, absent, negated, present, valid
from sessionaudit.core.step import Hazard, LockLevel, Step
from sessionaudit.kinds.check.kind import READ
from sessionaudit.kinds.common.address import of_constraint
from sessionaudit.kinds.common.carried_over import exchanged
from sessionaudit.kinds.common.catalog_conditions import as_printed, constraint_is
from sessionaudit.kinds.common.enforcement_queries import ENFORCED
from sessionaudit.kinds.common.holder import holder, on_table, partitioned, standing_on
from sessionaudit.kinds.common.obstacle_queries import RowsQuery, breaking, column, failing, inherited, obstacle
from sessionaudit.kinds.common.rights import owning
from sessionaudit.kinds.common.weaker import loosening, weaker_check
from sessionaudit.sql.text import UnclosedError, enclosed, tokens, unquote

if TYPE_CHECKING:
    from sessionaudit.core.ref import ObjectRef
    from sessionaudit.kinds.check.model import Check


def create(difference: Difference[Check]) -> tuple[Step, ...]:
    """Add it NOT VALID, which holds its lock for milliseconds, then validate it without blocking others."""
    path = difference.ref.path
    if any(path in difference.present[kind] for kind in ("key", "foreign_key", "exclusion")):
        return ()  # a constraint of another sort has the name
    if not on_table(difference) and standing_on(difference) != "foreign table":
        return ()
    return _added(difference, f"Add the check {difference.ref.dotted}", constraint_is(path, "c.contype = 'c'"))


def exchange(difference: Difference[Check]) -> tuple[Step, ...]:
    """Drop it and add the expected one in one transaction, so that the table is never without one; then validate."""
    text = as_printed(READ, difference, difference.old.expression)
    return _exchanged(difference, f"{constraint_is(difference.ref.path, _inherits(difference.new))} and {text}")


def reinherit(difference: Difference[Check]) -> tuple[Step, ...]:
    """Replace it too: PostgreSQL cannot alter whether child tables inherit it."""
    return _exchanged(difference, constraint_is(difference.ref.path, _inherits(difference.new)))


def validate(difference: Difference[Check]) -> tuple[Step, ...]:
    """Validate the existing rows: reads the table, blocks nobody."""
    return _validated(difference)


def enforce(difference: Difference[Check]) -> tuple[Step, ...]:
    """Replace it too: PostgreSQL 18 cannot alter whether a check is enforced."""
    return _exchanged(difference, constraint_is(difference.ref.path, ENFORCED))


def _validated(difference: Difference[Check]) -> tuple[Step, ...]:
    ref = difference.ref
    return (
        Step(
            action=f"Validate the check {ref.dotted}",
            ref=ref,
            sql=(f"alter table {difference.on} validate constraint {ref.name}",),
            done=constraint_is(ref.path, "c.convalidated"),
            lock=LockLevel.SHARE_UPDATE_EXCLUSIVE,
            locks=(difference.table,),
            provides=(valid(ref),),
            requires=(present(ref),),
            reads=(difference.new.expression,),
            needs=(owning(ref.path),),
            hazards=(Hazard.SCAN,),
            obstacle=obstacle(difference, f"violate {ref.name}", _failing(difference)),
            timeout=None,
        ),
    )


def drop(difference: Difference[Check]) -> tuple[Step, ...]:
    """Drop it; the rows stay."""
    ref = difference.ref
    return (
        Step(
            action=f"Drop the check {ref.dotted}",
            ref=ref,
            sql=(f"alter table {difference.on} drop constraint {ref.name}",),
            done=negated(constraint_is(ref.path)),
            locks=(difference.table,),
            provides=(absent(ref),),
            needs=(owning(ref.path),),
            obstacle=obstacle(difference, f"prevent {ref.name} from being dropped", None, inherited(ref.path)),
        ),
    )


def rename(difference: Difference[Check], found: ObjectRef) -> tuple[Step, ...]:
    """Rename it as in the contract."""
    ref = difference.ref
    return (
        Step(
            action=f"Rename the check {found.dotted} to {ref.name}",
            ref=ref,
            sql=(f"alter table {difference.on} rename constraint {found.name} to {ref.name}",),
            done=constraint_is(ref.path),
            locks=(difference.table,),
            provides=(present(ref),),
            needs=(owning(ref.path),),
            obstacle=obstacle(difference, f"prevent {found.name} from being renamed", None, inherited(found.path)),
        ),
    )


# Steps


def _added(difference: Difference[Check], action: str, done: str) -> tuple[Step, ...]:
    check, ref = difference.new, difference.ref
    if check.no_inherit and partitioned(difference):
        return ()  # PostgreSQL does not support it
    fresh = not standing_on(difference)
    body = f"add constraint {ref.name} {_body(check)}"
    step = Step(
        action=action,
        ref=ref,
        sql=(f"alter table {difference.on} {body}" if fresh else replacing(difference),),
        done=done,
        locks=(difference.table,),
        provides=(present(ref), valid(ref)) if fresh else (present(ref),),
        requires=(present(holder(difference)),),
        reads=(check.expression,),
        needs=(owning(ref.path),),
        around=None if difference.actual is None else exchanged(ref, of_constraint(ref.path), (replacing(difference),)),
        obstacle=None
        if difference.actual is None
        else obstacle(difference, f"prevent {ref.name} from being replaced", None, inherited(ref.path)),
        risk=breaking(
            difference,
            _failing(difference),
            f"violate {ref.name}",
            stated=not check.validated,
            exchanged=difference.actual is not None,
        ),
    )
    return (step,) if fresh or not check.validated else (step, *_validated(difference))


def _exchanged(difference: Difference[Check], done: str) -> tuple[Step, ...]:
    steps = _added(difference, f"Replace the check {difference.ref.dotted}", done)
    new = replace(difference.new, expression=difference.printed or difference.new.expression)
    return loosening(steps, looser=weaker_check(new, difference.old, difference.schema))


def replacing(difference: Difference[Check]) -> str:
    """The statement that adds the check NOT VALID, in place of the existing one."""
    name = difference.ref.name
    dropped = "" if difference.actual is None else f"drop constraint {name}, "
    return f"alter table {difference.on} {dropped}add constraint {name} {_body(difference.new)} not valid"


def _body(check: Check) -> str:
    return f"check {enclosed(check.expression)}{' no inherit' if check.no_inherit else ''}"


def _inherits(check: Check) -> str:
    return f"c.connoinherit = {'true' if check.no_inherit else 'false'}"


def _failing(difference: Difference[Check]) -> RowsQuery:
    """The rows for which the expression is false, with those of their columns that it names."""
    expression = difference.new.expression
    values = [column(difference, name) for name in _columns(difference)]
    why = f"not {expression}"
    return failing(
        difference, values, f"not {enclosed(expression)}", why, "Change them so that they satisfy it, or delete them."
    )


def _columns(difference: Difference[Check]) -> list[str]:
    try:
        words = [unquote(token.text) for token in tokens(difference.new.expression) if token.sort in {"word", "quoted"}]
    except UnclosedError:
        return []
    return [name for name in dict.fromkeys(words) if (*difference.table, name) in difference.present["column"]]


CURE = Cure(
    create=create,
    drop=drop,
    alter={"expression": exchange, "inheritance": reinherit, "validated": validate, "enforced": enforce},
    rename=rename,
    address=of_constraint,
)

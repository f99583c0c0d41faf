"""Range types: created, dropped and exchanged; nothing of one can be altered."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sessionaudit.core.cure import Cure, Difference, absent, negated, present
from sessionaudit.core.step import Around, Composed, Hazard, LockLevel, Step
from sessionaudit.kinds.common.address import of_type
from sessionaudit.kinds.common.carried_over import fixed
from sessionaudit.kinds.common.ownership import adopted, adopting
from sessionaudit.kinds.common.rights import creating_in, since
from sessionaudit.kinds.common.types import owning_type, type_address, type_is, vacant
from sessionaudit.kinds.range_type.exchange import by_hand, exchange
from sessionaudit.kinds.range_type.model import RangeType, show

if TYPE_CHECKING:
    from sessionaudit.core.step import Dependent


def create(difference: Difference[RangeType]) -> tuple[Step, ...]:
    """Create it; one with a canonical function, which must know the type before it is there, a person must create."""
    ref, new = difference.ref, difference.new
    if new.canonical:
        return ()
    return (
        Step(
            action=f"Create the range type {ref.dotted}",
            ref=ref,
            sql=(f"create type {ref.dotted} {show(new)}", adopted(f"type {ref.dotted}", ref.path)),
            done=type_is(ref.path, "t.typtype = 'r'"),
            lock=LockLevel.NONE,
            provides=(present(ref),),
            reads=(show(new),),
            needs=(creating_in(ref.path[0]), *((since(14, "multirange types"),) if new.multirange else ())),
            wishes=adopting(ref.path),
            obstacle=vacant(ref.path, "t.typtype <> 'r'", "range type"),
        ),
    )


def drop(difference: Difference[RangeType]) -> tuple[Step, ...]:
    """Drop it, where nothing uses it any more."""
    ref = difference.ref
    sql = (f"drop type {ref.dotted}",)

    def compose(found: tuple[Dependent, ...]) -> Composed:
        return Composed(sql, stuck=fixed(found, ref.path), help="Change what depends on it first, or keep it.")

    return (
        Step(
            action=f"Drop the range type {ref.dotted}",
            ref=ref,
            sql=sql,
            done=negated(type_is(ref.path, "t.typtype = 'r'")),
            lock=LockLevel.NONE,
            provides=(absent(ref),),
            needs=(owning_type(ref.path),),
            hazards=(Hazard.DROP,),
            around=Around(type_address(ref.path, goes=True), compose),
        ),
    )


CURE = Cure(
    create=create,
    drop=drop,
    alter={"subtype": exchange, "options": exchange},
    by_hand={"subtype": by_hand, "options": by_hand},
    address=of_type,
)

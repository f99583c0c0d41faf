"""What a function tells the planner is altered without writing the function again."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sessionaudit.core.cure import present
from sessionaudit.core.step import LockLevel, Need, Step
from sessionaudit.kinds.common.ownership import SUPERUSER
from sessionaudit.kinds.common.rights import owning_of
from sessionaudit.kinds.function import planning
from sessionaudit.kinds.function.routine import found, is_there
from sessionaudit.sql.text import literal

if TYPE_CHECKING:
    from sessionaudit.core.cure import Difference
    from sessionaudit.kinds.function.model import Function


def estimate(difference: Difference[Function]) -> tuple[Step, ...]:
    """Set the cost, the number of rows and the support function that differ."""
    ref, new, old = difference.ref, difference.new, difference.old
    words = planning.differing(new, old)
    if not old.returns:  # a procedure has neither
        return ()
    clauses = [f"{word} {_value(word, new)}" for word in words]
    return (
        Step(
            action=f"Set {' and '.join(clauses)} of the function {ref.dotted}",
            ref=ref,
            sql=(f"alter function {ref.dotted} {' '.join(clauses)}",),
            done=is_there(ref.path, " and ".join(_set(word, new) for word in words)),
            lock=LockLevel.NONE,
            requires=(present(ref),),
            needs=(
                owning_of("p.proowner", f"from {found(ref.path)}", ref.dotted),
                *(
                    [Need(SUPERUSER, "be a superuser to specify a support function", "Connect as one.")]
                    if "support" in words
                    else []
                ),
            ),
        ),
    )


def _value(word: str, new: Function) -> str:
    return planning.stated(new)[word] if word == "support" else planning.digits(planning.effective(new, word))


def _set(word: str, new: Function) -> str:
    if word == "support":
        return f"p.prosupport = pg_catalog.to_regproc({literal(_value(word, new))})"
    return f"p.pro{word} = {_value(word, new)}::real"

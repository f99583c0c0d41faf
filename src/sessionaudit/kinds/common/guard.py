"""What must restrict access before a policy or a grant gives it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sessionaudit.core.ref import ObjectRef
from sessionaudit.core.step import Guard
from sessionaudit.kinds.common.holder import holder
from sessionaudit.kinds.table import relation_kind
from sessionaudit.kinds.table.model import OFF

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sessionaudit.core.cure import Difference

_LET_IN = "{}, so roles that it should keep out would get access"


def of_rows(difference: Difference[Any]) -> tuple[Guard, ...]:
    """The restrictions on access to a table's rows that the contract has: row security and restrictive policies."""
    return (*_relation(difference), *restrictive(difference))


def _relation(difference: Difference[Any]) -> Iterator[Guard]:
    """That the relation is of the expected kind with row security on; a missing table is created with it."""
    ref = holder(difference)
    expected, actual = (side["table"].get(ref.path) for side in (difference.wanted, difference.present))
    if expected is None or actual is None:
        return
    guarded = expected.row_security is not None and expected.row_security not in OFF
    if actual.kind not in relation_kind.TABLES and (guarded or not relation_kind.same(expected, actual)):
        meant = expected.kind or "table"
        why = (
            "which has no row security"
            if relation_kind.same(expected, actual)
            else f"and the contract expects a {meant}"
        )
        shown = "a role that is granted access sees everything that it shows"
        yield Guard(ref, f"{difference.on} is a {actual.kind}, {why}: {shown}")
    elif guarded:
        lacking = _LET_IN.format(f"the row security of {difference.on} is off")
        yield Guard(ref, lacking, stands=actual.row_security not in OFF)
    elif expected.shape.options:
        without = {*expected.shape.options} - {*(actual.shape.options or ())}
        words = " and ".join(sorted(without or expected.shape.options))
        lacking = f"{difference.on} has no {words}: a role that is granted access sees or writes more than intended"
        yield Guard(ref, lacking, stands=not without)


def restrictive(difference: Difference[Any]) -> tuple[Guard, ...]:
    """The restrictive policies that the contract has on a table."""
    actual = difference.present["policy"]
    return tuple(
        Guard(
            ref,
            _LET_IN.format(f"the restrictive {ref} is not as expected"),
            stands=True if actual.get(path) == policy else None if path in actual else False,
        )
        for path, policy in difference.declared("policy", difference.table).items()
        if policy is not None and not policy.permissive
        for ref in (ObjectRef("policy", path),)
    )

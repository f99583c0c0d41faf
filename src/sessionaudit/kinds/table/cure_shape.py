"""What a table must have before it can be attached: the columns and checks of the parent."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from msgspec.structs import replace

from sessionaudit.core.cure import present
from sessionaudit.core.ref import ObjectRef
from sessionaudit.kinds.check import cure as checks
from sessionaudit.kinds.column import cure as columns

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sessionaudit.core.cure import Difference
    from sessionaudit.core.kind import ObjectPath
    from sessionaudit.core.step import Condition, Step


class Shaping(NamedTuple):
    """The steps that give a table what its parent has, and what else must be there before it is attached."""

    steps: tuple[Step, ...]
    requires: tuple[Condition, ...]


def shaping(difference: Difference[Any], parent: ObjectPath) -> Shaping:
    """Give a table the columns and checks of the parent, as far as both are known.

    What the contract states for the table itself is given to it by the cure of that.
    """
    steps: list[Step] = []
    requires: list[Condition] = []
    if not any(path[:2] == difference.table for path in difference.present["column"]):
        return Shaping((), ())
    for kind in ("column", "check"):
        for path, model in _of(difference, kind, parent):
            ref = ObjectRef(kind, (*difference.table, path[2]))
            there = difference.present[kind].get(ref.path)
            if path not in difference.present[kind]:
                requires.append(present(ObjectRef(kind, path)))
            if difference.wanted[kind].get(ref.path) is not None:
                requires += [present(ref)] if there is None else []
                continue
            one = replace(difference, ref=ref, expected=model, actual=there, printed=None, whole=None)
            if there is None:
                steps += columns.create(one) if kind == "column" else checks.create(one)
            elif kind == "column" and model.not_null and not there.not_null:
                steps += columns.change_nullability(replace(one, expected=replace(there, not_null=True)))
    return Shaping(tuple(steps), tuple(requires))


def _of(difference: Difference[Any], kind: str, parent: ObjectPath) -> Iterator[tuple[ObjectPath, Any]]:
    """The columns or checks that the parent has by then."""
    wanted = difference.declared(kind, parent)
    found = {path: model for path, model in difference.present[kind].items() if path[:2] == parent}
    for path, model in {**found, **wanted}.items():
        if model is not None and not getattr(model, "no_inherit", False):
            yield path, model

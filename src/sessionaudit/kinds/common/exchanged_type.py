"""A type exchanged for another of its name: its columns get the new one by way of their text."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sessionaudit.core.cure import spare
from sessionaudit.core.ref import dotted
from sessionaudit.kinds.common.carried_over import around
from sessionaudit.sql.text import quoted

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from sessionaudit.core.ref import ObjectRef
    from sessionaudit.core.step import Dependent

_OF_TYPES = {"type", "multirange type"}


def aside(ref: ObjectRef) -> str:
    """The name of the old type until it is dropped."""
    return spare(ref.path[-1], "exchanged")


def exchanged_type(
    ref: ObjectRef,
    create: Sequence[str],
    found: Sequence[Dependent],
    value: Callable[[Dependent], str],
) -> tuple[str, ...]:
    """The statements that exchange a type: `create` makes the new one, `value` returns that of a column as a text.

    Those of `create` but the last let go what else belongs to the old one.
    """
    old = quoted(aside(ref))
    tables: dict[tuple[str, ...], list[str]] = {}
    for one in found:
        if one.sort == "column":
            action = f"alter column {dotted(one.path[2:])} type {one.text} using {value(one)}::{one.text}"
            tables.setdefault(one.path[:2], []).append(action)
    statements = [*create[:-1], f"alter type {ref.dotted} rename to {old}", create[-1]]
    statements += [f"alter table {dotted(table)} {', '.join(actions)}" for table, actions in tables.items()]
    statements += [statement for one in found if one.sort in _OF_TYPES for statement in one.put]
    carried = [one for one in found if one.sort not in {"column", *_OF_TYPES}]
    return (*around(carried, statements), f"drop type {dotted((ref.path[0],))}.{old}")

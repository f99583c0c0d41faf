"""Signatures of aggregates: `name(types)`, `name(*)`, or with ORDER BY before the types of what is ordered."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

from sessionaudit.kinds.function.signature import arguments
from sessionaudit.sql.fragment import Fragment
from sessionaudit.sql.text import quoted

if TYPE_CHECKING:
    from sessionaudit.core.kind import ObjectPath
    from sessionaudit.kinds.function.signature import Argument

_ORDERED = ("order", "by")


class AggregateSignature(NamedTuple):
    """The path that names an aggregate, and its arguments as DROP AGGREGATE wants them."""

    path: ObjectPath
    listed: str


@lru_cache(maxsize=4096)
def aggregate_signature(spelling: str, schema: str) -> AggregateSignature:
    """Read `name(arguments)`. Raises FragmentError."""
    fragment = Fragment(spelling)
    owner, name = fragment.qualified(schema, "an aggregate's name")
    if not fragment.peek("("):
        raise fragment.error(
            "“(”", f"An aggregate is named with the types of its arguments: {quoted(name)}(integer), or (*)."
        )
    inside = fragment.inner()
    fragment.end()
    if inside.accept("*") or inside.done:
        inside.end()
        return AggregateSignature((owner, name, "()"), "")
    direct = () if inside.peek(*_ORDERED) else arguments(inside.until(_ORDERED), schema)
    ordered = arguments(inside.until(), schema) if inside.accept(*_ORDERED) else None
    types = [_typed(one) for one in direct]
    more = [_typed(one) for one in ordered or ()]
    listed = ", ".join(types) if ordered is None else f"{', '.join(types)} order by {', '.join(more)}".strip()
    # One VARIADIC argument stands for both what is direct and what is ordered.
    both = [] if types and more and types[-1].startswith("variadic ") else more
    plain = [one.removeprefix("variadic ") for one in (*types, *both)]
    return AggregateSignature((owner, name, f"({', '.join(plain)})"), listed)


def _typed(one: Argument) -> str:
    return f"variadic {one.type}" if one.mode == "variadic" else one.type


def in_sql(path: ObjectPath, listed: str) -> str:
    """The aggregate as DROP AGGREGATE names it."""
    return f"{quoted(path[0])}.{quoted(path[1])}({listed or '*'})"

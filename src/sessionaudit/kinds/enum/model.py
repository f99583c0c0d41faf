"""Enum types: exactly these values, in this order."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from sessionaudit.core.compared import Compared
from sessionaudit.core.node import Mapping, Node, NodeError, brief, flow, known_keys, mapping, nearest, text, texts

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

_MOST_BYTES = 63


class Enum(Compared, frozen=True, kw_only=True):
    """An enum type; `replace` says for values that are to go what becomes of the rows that hold them."""

    aside: ClassVar = frozenset({"replace"})

    values: tuple[str, ...]
    replace: tuple[tuple[str, str], ...] = ()


def read(node: Node, _schema: str) -> Enum:
    """Read an entry of `enums:`, a list of values, or a mapping of that and of what replaces other values."""
    if not isinstance(node, Mapping):
        return Enum(values=_values(node))
    known_keys(node, ("values", "replace"), "an enum")
    fields = {str(key): value for key, value in node.items()}
    if "values" not in fields:
        raise NodeError("an enum needs “values”", node)
    values = _values(fields["values"])
    return Enum(values=values, replace=tuple(_replacements(fields["replace"], values)) if "replace" in fields else ())


def _values(node: Node) -> tuple[str, ...]:
    values = texts(node, "an enum value")
    known: set[str] = set()
    for value in values:
        if value in known:
            raise NodeError(f"duplicate value “{value}”", node)
        if len(value.encode()) > _MOST_BYTES:
            raise NodeError(f"the value “{brief(value)}” is longer than {_MOST_BYTES} bytes, PostgreSQL's limit", node)
        known.add(value)
    return values


def _replacements(node: Node, values: tuple[str, ...]) -> Iterator[tuple[str, str]]:
    known = frozenset(values)
    for key, value in mapping(node, "a mapping of values to their replacements").items():
        old, new = str(text(key, "an enum value")), str(text(value, "an enum value"))
        if reason := unfit(known, old, new):
            raise NodeError(reason, key if old in values else value, hint="" if old in values else nearest(new, values))
        yield old, new


def unfit(values: Collection[str], old: str, new: str) -> str:
    """Why one value cannot become another one where these are expected; "" if it can."""
    if old in values:
        return f"the value “{old}” is expected, so it needs no replacement"
    return "" if new in values else f"the value “{new}” is not expected either, so it cannot be a replacement"


def show(enum: Enum) -> str:
    """The values as a list of the contract."""
    return flow(list(enum.values))


def spell(enum: Enum) -> list[str]:
    """The values."""
    return list(enum.values)

"""Operator classes: that they exist."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from sessionaudit.kinds.common.existence import require_bare

if TYPE_CHECKING:
    from sessionaudit.core.node import Node


@dataclass(frozen=True, slots=True, kw_only=True)
class OperatorClass:
    """The operator classes of a name; the index methods that have one are read, not judged."""

    methods: tuple[str, ...] = field(default=(), compare=False)


def read(node: Node, _schema: str) -> OperatorClass:
    """Read an entry of `operator_classes:`."""
    require_bare(node)
    return OperatorClass()


def load(row: tuple[Any, ...], _schema: str) -> OperatorClass:
    """Make an OperatorClass of a row of the catalog query."""
    return OperatorClass(methods=tuple(row[0]))

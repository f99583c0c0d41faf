"""Operator classes: that they exist."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from sessionaudit.core.compared import Compared
from sessionaudit.kinds.common.existence import require_bare

if TYPE_CHECKING:
    from sessionaudit.core.node import Node


class OperatorClass(Compared, frozen=True, kw_only=True):
    """The operator classes of a name; the index methods that have one are read, not judged."""

    aside: ClassVar = frozenset({"methods"})

    methods: tuple[str, ...] = ()


def read(node: Node, _schema: str) -> OperatorClass:
    """Read an entry of `operator_classes:`."""
    require_bare(node)
    return OperatorClass()


def load(row: tuple[Any, ...], _schema: str) -> OperatorClass:
    """Make an OperatorClass of a row of the catalog query."""
    return OperatorClass(methods=tuple(row[0]))

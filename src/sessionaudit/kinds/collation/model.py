"""Collations: that they exist."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from sessionaudit.core.compared import Compared
from sessionaudit.kinds.common.existence import require_bare

if TYPE_CHECKING:
    from sessionaudit.core.node import Node


class Collation(Compared, frozen=True, kw_only=True):
    """A collation; its provider is read, not judged."""

    aside: ClassVar = frozenset({"provider"})

    provider: str = ""


def read(node: Node, _schema: str) -> Collation:
    """Read an entry of `collations:`."""
    require_bare(node)
    return Collation()


def load(row: tuple[Any, ...], _schema: str) -> Collation:
    """Make a Collation of a row of the catalog query."""
    return Collation(provider=row[0])

"""Collations: that they exist."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from sessionaudit.kinds.common.existence import require_bare

if TYPE_CHECKING:
    from sessionaudit.core.node import Node


@dataclass(frozen=True, slots=True, kw_only=True)
class Collation:
    """A collation; its provider is read, not judged."""

    provider: str = field(default="", compare=False)


def read(node: Node, _schema: str) -> Collation:
    """Read an entry of `collations:`."""
    require_bare(node)
    return Collation()


def load(row: tuple[Any, ...], _schema: str) -> Collation:
    """Make a Collation of a row of the catalog query."""
    return Collation(provider=row[0])

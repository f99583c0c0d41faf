"""Membership of tables in publications."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from sessionaudit.core.node import Node


@dataclass(frozen=True, slots=True, kw_only=True)
class Publication:
    """A table's membership in a publication.

    `refusing` are, of a real one, the table or its partitions that have no replica identity.
    """

    refusing: tuple[str, ...] = ()


def read(_node: Node, _schema: str) -> Publication:
    """Read an entry of `publications:`; the names say it all."""
    return Publication()


def load(row: tuple[Any, ...], _schema: str) -> Publication:
    """Make a Publication of a row of the catalog query."""
    return Publication(refusing=tuple(row[0]))

"""Extensions."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sessionaudit.core.node import Node


@dataclass(frozen=True, slots=True, kw_only=True)
class Extension:
    """An installed extension; its version is read, not judged."""

    version: str = field(default="", compare=False)


def read(_node: Node, _schema: str) -> Extension:
    """Read an entry of `extensions:`; the name says it all."""
    return Extension()

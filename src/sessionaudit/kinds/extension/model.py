"""Extensions."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from sessionaudit.core.compared import Compared

if TYPE_CHECKING:
    from sessionaudit.core.node import Node


class Extension(Compared, frozen=True, kw_only=True):
    """An installed extension; its version is read, not judged."""

    aside: ClassVar = frozenset({"version"})

    version: str = ""


def read(_node: Node, _schema: str) -> Extension:
    """Read an entry of `extensions:`; the name says it all."""
    return Extension()

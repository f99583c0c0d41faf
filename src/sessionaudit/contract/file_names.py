"""Read the names of files in a contract, which are relative to the file that has them."""

from __future__ import annotations

import posixpath
from typing import TYPE_CHECKING

from sessionaudit.core.node import Scalar, text

if TYPE_CHECKING:
    from sessionaudit.core.node import Node


def file_name(node: Node) -> Scalar:
    """Return the name of a file as seen from the folder of the main file. Raises NodeError."""
    said = text(node, "a file")
    folder = said.source.folder
    if not folder or said.startswith("/"):
        return said
    around, rest = folder.split("/"), said.split("/")
    while around and rest[0] in {".", ".."}:  # no part of the folder is a link
        if rest.pop(0) == "..":
            around.pop()
        if not rest:
            break
    found = Scalar(posixpath.join(*around, *rest) if rest else "/".join(around) or ".")
    found.source, found.line, found.column, found.style = said.source, said.line, said.column, said.style
    return found

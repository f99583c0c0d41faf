"""Find the comments that suppress findings: `// sessionaudit: ignore[rule] reason`."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from sessionaudit.audits.code.readers.comments import suppression

if TYPE_CHECKING:
    from tree_sitter import Node

    from sessionaudit.audits.code.model import Suppression
    from sessionaudit.audits.code.readers.typescript.syntax import Script

_COMMENT = re.compile(rb"(?P<at>(?://|/\*)[ \t]*sessionaudit:)")


def suppressions(source: Script) -> list[Suppression]:
    """Return the suppressions of a file, in order."""
    found = [_read(source, node) for node in source.words(_COMMENT) if node.type == "comment"]
    return [one for one in found if one is not None]


def _read(source: Script, node: Node) -> Suppression | None:
    before = source.bytes[source.bytes.rfind(b"\n", 0, node.start_byte) + 1 : node.start_byte]
    return suppression(source.text(node), source.span(node), alone=not before.strip())

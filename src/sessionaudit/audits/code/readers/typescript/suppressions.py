"""Find the comments that suppress findings: `// sessionaudit: ignore[rule] reason`."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from sessionaudit.audits.code.readers.comments import suppression

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tree_sitter import Node

    from sessionaudit.audits.code.model import Suppression
    from sessionaudit.audits.code.readers.typescript.syntax import Script

_COMMENT = re.compile(rb"(?P<at>(?://|/\*+|\n[ \t]*\*+)[ \t]*sessionaudit:)")
# What a comment of documentation says, line by line.
_SAID = re.compile(
    r"(?:\A(?://|/\*+)|\n[ \t]*\*+)[ \t]*(sessionaudit:.*?)(?=\n[ \t]*\*+[ \t]*(?:sessionaudit:|@)|\Z)", re.DOTALL
)
_MARGIN = re.compile(r"\n[ \t]*\*+(?!/)[ \t]?")


def suppressions(source: Script) -> list[Suppression]:
    """Return the suppressions of a file, in order."""
    comments = {node.id: node for node in source.words(_COMMENT) if node.type == "comment"}
    return [one for node in comments.values() for one in _read(source, node)]


def _read(source: Script, node: Node) -> Iterator[Suppression]:
    line = source.bytes.rfind(b"\n", 0, node.start_byte) + 1
    above = source.parent(node)
    start = above.start_byte if above is not None and above.type == "jsx_expression" else node.start_byte
    alone = not source.bytes[line:start].strip()
    for said in _SAID.finditer(source.text(node)):
        one = suppression(f"/* {_MARGIN.sub(chr(10), said[1])}", source.span(node), alone=alone)
        if one is not None:
            yield one

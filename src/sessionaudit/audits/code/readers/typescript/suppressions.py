"""Find the comments that suppress findings: `// sessionaudit: ignore[rule] reason`."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from sessionaudit.audits.code.model import Suppression

if TYPE_CHECKING:
    from sessionaudit.audits.code.readers.typescript.syntax import Script

MARK = b"sessionaudit:"
_COMMENT = re.compile(rb"(?P<at>(?://|/\*)[ \t]*sessionaudit:)")
_SAID = re.compile(r"(?://|/\*)\s*sessionaudit:\s*ignore\s*(?:\[(?P<rules>[^\]]*)\])?(?P<reason>.*)", re.DOTALL)


def suppressions(source: Script) -> list[Suppression]:
    """Return the suppressions of a file, in order."""
    found: list[Suppression] = []
    for node in source.words(_COMMENT):
        said = _SAID.match(source.text(node)) if node.type == "comment" else None
        if said is not None:
            rules = tuple(rule.strip() for rule in (said["rules"] or "").split(",") if rule.strip())
            reason = said["reason"].removesuffix("*/").strip(" \t:-\u2013\u2014\r\n")
            line = source.bytes[source.bytes.rfind(b"\n", 0, node.start_byte) + 1 : node.start_byte]
            found.append(Suppression(source.span(node), rules, " ".join(reason.split()), alone=not line.strip()))
    return found

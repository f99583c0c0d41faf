"""Find the comments that suppress findings: `// sessionaudit: ignore[rule] reason`."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from sessionaudit.audits.code.readers.comments import suppression

if TYPE_CHECKING:
    from sessionaudit.audits.code.model import Suppression
    from sessionaudit.audits.code.readers.typescript.syntax import Script

_COMMENT = re.compile(rb"(?P<at>(?://|/\*)[ \t]*sessionaudit:)")


def suppressions(source: Script) -> list[Suppression]:
    """Return the suppressions of a file, in order."""
    found = [
        suppression(source.text(node), source.span(node)) for node in source.words(_COMMENT) if node.type == "comment"
    ]
    return [one for one in found if one is not None]

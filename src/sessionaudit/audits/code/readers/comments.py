"""Read a comment that suppresses findings: `sessionaudit: ignore[rule] reason`, in the signs of any language."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from sessionaudit.audits.code.model import Suppression

if TYPE_CHECKING:
    from sessionaudit.audits.code.model import Span

MARK = b"sessionaudit:"
_SAID = re.compile(r"(?://|/\*|\#|--)\s*sessionaudit:\s*ignore\s*(?:\[(?P<rules>[^\]]*)\])?(?P<reason>.*)", re.DOTALL)


def suppression(text: str, at: Span, *, alone: bool) -> Suppression | None:
    """Return what a comment suppresses; None if it is about something else. It is `alone` if no code precedes it."""
    said = _SAID.match(text)
    if said is None:
        return None
    rules = tuple(rule.strip() for rule in (said["rules"] or "").split(",") if rule.strip())
    if said["rules"] is not None and not rules:
        rules = ("",)  # brackets that name none are not those that are left out, which mean all
    reason = said["reason"].removesuffix("*/").strip(" \t:-\u2013\u2014\r\n")
    return Suppression(at, rules, " ".join(reason.split()), alone)

"""Take the scripts out of the components of Vue and Svelte, so that each stands where it stood."""

from __future__ import annotations

import re

SUFFIXES = frozenset((".vue", ".svelte"))
_SCRIPT = re.compile(rb"<script\b[^>]*>(.*?)</script\s*>", re.DOTALL | re.IGNORECASE)
_SHOWN = re.compile(rb"[^\r\n]")


def scripts_of(text: bytes) -> bytes:
    """Return the text of a component with blanks for all that is no script: lines and columns stay what they are."""
    kept: list[bytes] = []
    end = 0
    for match in _SCRIPT.finditer(text):
        kept += [_SHOWN.sub(b" ", text[end : match.start(1)]), match[1]]
        end = match.end(1)
    return b"".join([*kept, _SHOWN.sub(b" ", text[end:])])

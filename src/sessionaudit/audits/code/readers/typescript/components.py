"""Take the scripts out of the components of Vue and Svelte, so that each stands where it stood."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from sessionaudit.audits.code.model import Dynamic, Span, Unread

if TYPE_CHECKING:
    from collections.abc import Iterator

SUFFIXES = frozenset((".vue", ".svelte"))
_SCRIPT = re.compile(rb"<script\b[^>]*>(.*?)</script\s*>", re.DOTALL | re.IGNORECASE)
_SHOWN = re.compile(rb"[^\r\n]")
_CALL = re.compile(rb"(?<!Array)(?<!Buffer)(?<!storage)\.\s*(?:from|rpc)\s*\(\s*['\"`]")


def scripts_of(text: bytes) -> bytes:
    """Return the text of a component with blanks for all that is no script: lines and columns stay what they are."""
    kept: list[bytes] = []
    end = 0
    for match in _SCRIPT.finditer(text):
        kept += [_SHOWN.sub(b" ", text[end : match.start(1)]), match[1]]
        end = match.end(1)
    return b"".join([*kept, _SHOWN.sub(b" ", text[end:])])


def in_markup(shown: str, text: bytes) -> Iterator[Unread]:
    """Return what stands outside of the scripts and looks like a request: it is not read."""
    markup = _SCRIPT.sub(lambda match: _SHOWN.sub(b" ", match[0]), text)
    for match in _CALL.finditer(markup):
        line = markup.count(b"\n", 0, match.start()) + 1
        before = markup[markup.rfind(b"\n", 0, match.start()) + 1 : match.start()]
        column = len(before.decode(errors="replace")) + 1
        yield Unread(Span(shown, line, column, line, column + len(match[0])), Dynamic.MARKUP, "a request")

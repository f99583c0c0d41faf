"""Show how something was, and how it is."""

from __future__ import annotations

_MOST = 100  # characters


def was_and_is(was: str, now: str) -> tuple[str, str]:
    """Return both in quotes, an empty one as “nothing”; of long ones a part that begins shortly before they differ."""
    alike = (at for at, (one, other) in enumerate(zip(was, now, strict=False)) if one != other)
    start = next(alike, min(len(was), len(now)))
    start = max(start - _MOST // 2, 0) if max(len(was), len(now)) > _MOST else 0
    return _part(was, start), _part(now, start)


def _part(text: str, start: int) -> str:
    if not text:
        return "nothing"
    end = start + _MOST
    return f"“{'…' if start else ''}{text[start:end]}{'…' if text[end:] else ''}”"

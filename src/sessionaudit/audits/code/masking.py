"""Keep secrets that stand in code from what is told of it."""

from __future__ import annotations

import re

# Keys of an API, and passwords in URLs.
_SECRET = re.compile(r"eyJ[\w-]{10,}(?:\.[\w-]+){0,2}|sb_secret_\w+|(?<=://)[^\s/@'\"`]+:[^\s@'\"`]+(?=@)")


def without_secrets(text: str) -> str:
    """Return a text of the code with a star for each character of a secret."""
    return _SECRET.sub(lambda match: "*" * len(match[0]), text)

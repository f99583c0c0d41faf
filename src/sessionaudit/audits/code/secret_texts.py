"""Mask what looks like a secret in texts of code, which must not reach a page."""

from __future__ import annotations

import re

_WORDS = (
    r"[\w-]{0,40}(?:passw(?:or)?d|passphrase|pwd|secret|token|api_?key|access_?key|private_?key|service_?(?:role_?)?key"
    r"|credentials?|authorization)"
)
_SHAPES = (
    r"eyJ[\w-]{10,}(?:\.[\w-]+){0,2}",  # a JSON Web Token
    r"sb_secret_\w+",
    r"(?<=://)[^\s/:@'\"`]{0,200}:(?!\d+/)[^\s'\"`]{1,500}(?=@)",  # a user and a password in a URL
    r"\bBearer\s+[\w.~+/=-]{8,}",
    r"\b(?:[sr]k_(?:live|test)_|sk-|whsec_|sbp_|gh[pousr]_|github_pat_|glpat-|xox[a-z]-|re_|npm_|pypi-)[\w-]{10,}",
    r"\bA(?:KIA|SIA)[0-9A-Z]{16}\b",
    r"\bAIza[\w-]{30,}",
    r"-----BEGIN [A-Z ]*PRIVATE KEY-----.*",
)
_SECRET = re.compile("|".join(_SHAPES))
# The value behind a word, as a literal of the code, or in the text of a literal: password: 'x', password=x.
_NAMED = re.compile(
    rf"(?P<word>\b{_WORDS}[\"'`]?\s*[:=]\s*)(?:(?P<quote>[\"'`])(?P<quoted>(?:\\.|(?!(?P=quote)).){{1,2000}})(?P=quote)"
    r"|(?<==)(?P<bare>[^\s'\"`&;,()\[\]{}$<>=]+(?=[\s'\"`&;]|$)))",
    re.IGNORECASE,
)


def masked(text: str) -> str:
    """Return a text of as many characters, with asterisks for what looks like a secret."""
    return _NAMED.sub(_without_value, _SECRET.sub(lambda match: "*" * len(match[0]), text))


def _without_value(match: re.Match[str]) -> str:
    quote = match["quote"]
    return f"{match['word']}{quote}{'*' * len(match['quoted'])}{quote}" if quote else _starred(match)


def _starred(match: re.Match[str]) -> str:
    return f"{match['word']}{'*' * len(match['bare'])}"

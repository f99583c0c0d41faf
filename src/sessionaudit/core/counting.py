"""Spell numbers with nouns, for sentences."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

_PLURALS = ("ics", "settings", "privileges")  # as in “default privileges”


def counted(number: int, word: str) -> str:
    """Return a number and a noun, given in the singular: “1 row”, “2,000 rows”, “3 policies”, “2 batches”."""
    if number == 1 or word.endswith(_PLURALS):
        return f"{number:,} {word}"
    if word.endswith("y") and word[-2] not in "aeo":
        return f"{number:,} {word[:-1]}ies"
    return f"{number:,} {word}{'es' if word.endswith(('x', 's', 'ch')) else 's'}"


def listed_words(words: Sequence[str]) -> str:
    """Return words as a sentence lists them: a, b and c."""
    return " and ".join(filter(None, (", ".join(words[:-1]), *words[-1:])))

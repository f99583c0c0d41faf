"""Spell numbers with nouns, for sentences."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

_PLURALS = ("ics", "settings", "privileges")  # as in “default privileges”
_COUNTABLE = {"access": "access right"}  # words that English does not count, and what it counts of them


def counted(number: int, word: str) -> str:
    """Return a number and a noun, given in the singular: “1 row”, “2,000 rows”, “3 policies”, “2 batches”."""
    word = _COUNTABLE.get(word, word)
    return f"{number:,} {word if number == 1 else plural(word)}"


def plural(word: str) -> str:
    """Return the plural of a noun: “rows”, “policies”, “batches”, “default privileges”."""
    word = _COUNTABLE.get(word, word)
    if word.endswith(_PLURALS):
        return word
    if word.endswith("y") and word[-2] not in "aeo":
        return f"{word[:-1]}ies"
    return f"{word}{'es' if word.endswith(('x', 's', 'ch')) else 's'}"


def listed_words(words: Sequence[str]) -> str:
    """Return words as a sentence lists them: a, b and c."""
    return " and ".join(filter(None, (", ".join(words[:-1]), *words[-1:])))

"""Find a value in the text of a JSON file, for a message: JSON's own readers keep no places."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

from sessionaudit.core.place import behind

if TYPE_CHECKING:
    from collections.abc import Iterable

_BLANK = re.compile(r"[ \t\r\n]*")
_DECODER = json.JSONDecoder()


def place_of(text: str, path: Iterable[str | int]) -> int:
    """Return the index of a value by the keys and numbers that lead to it, or of the last on the way that is there.

    The text must be JSON.
    """
    index = _after_blanks(text, 0)
    for step in path:
        found = _in_object(text, index, step) if isinstance(step, str) else _in_list(text, index, step)
        if found is None:
            break
        index = found
    return index


def _in_object(text: str, index: int, key: str) -> int | None:
    if text[index] != "{":
        return None
    found: int | None = None
    index = _after_blanks(text, index + 1)
    while text[index] != "}":
        said, index = _DECODER.raw_decode(text, index)
        index = _after_blanks(text, _after_blanks(text, index) + 1)  # the colon
        if said == key:
            found = index  # of several, JSON's readers take the last
        index = _next(text, index)
    return found


def _in_list(text: str, index: int, number: int) -> int | None:
    if text[index] != "[":
        return None
    index = _after_blanks(text, index + 1)
    for _ in range(number):
        if text[index] == "]":
            return None
        index = _next(text, index)
    return None if text[index] == "]" else index


def _next(text: str, index: int) -> int:
    """The index of what follows a value and the comma after it, if there is one."""
    index = _after_blanks(text, _DECODER.raw_decode(text, index)[1])
    return _after_blanks(text, index + 1) if text[index] == "," else index


def _after_blanks(text: str, index: int) -> int:
    return behind(_BLANK, text, index)

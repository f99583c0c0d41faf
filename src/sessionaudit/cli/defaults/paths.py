"""The files that a pyproject.toml names, seen from the current directory."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

from sessionaudit.defaults.options import INSTEAD, PATHS, WRITES
from sessionaudit.errors import DefaultsError

if TYPE_CHECKING:
    from sessionaudit.defaults.stated import StatedDefault

_FORMAT = "format"


def seen_from_here(one: StatedDefault, value: Any) -> Any:
    """Return a value with its file named from here. Raises DefaultsError if a format names one that is written."""
    if one.word == _FORMAT and "=" in str(value):
        raise DefaultsError(f"{one.word} cannot say where it is written: {WRITES}", hint=INSTEAD[WRITES])
    if one.directory is not None and one.word in PATHS and isinstance(value, str):
        return os.path.relpath(one.directory / value)
    return value

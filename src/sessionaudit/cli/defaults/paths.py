"""Files that a pyproject.toml names, seen from the current directory."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any, cast

from sessionaudit.defaults.options import PATHS
from sessionaudit.errors import DefaultsError

if TYPE_CHECKING:
    from pathlib import Path

    from sessionaudit.defaults.stated import StatedDefault

_FORMAT = "format"
_GIT = ".git"


def seen_from_here(one: StatedDefault, value: Any) -> Any:
    """Return a value with its files named from here. Raises DefaultsError for one that would be written elsewhere."""
    if one.directory is None or not isinstance(value, (str, list)):
        return value
    if one.word in PATHS and isinstance(value, str):
        return _from_here(one.directory, value)
    if one.word == _FORMAT and isinstance(value, list):
        return [_format(one.directory, word) for word in cast("list[str]", value)]
    return cast("Any", value)


def _format(directory: Path, word: str) -> str:
    """A format with its file, which stands below the directory of what names it: it may have come with a repository."""
    name, separator, file = word.partition("=")
    if not separator or not file:
        return word
    whole = (directory / file).resolve()
    if not whole.is_relative_to(directory.resolve()):
        raise DefaultsError(f"{file} is outside of the directory of the file that names it")
    if _GIT in whole.relative_to(directory.resolve()).parts:
        raise DefaultsError(f"{file} is a file of Git's own")
    return f"{name}={_from_here(directory, file)}"


def _from_here(directory: Path, file: str) -> str:
    return os.path.relpath(directory / file)

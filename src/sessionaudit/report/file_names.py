"""Name files for the tools that read reports: relative to the directory of the repository, with forward slashes."""

from __future__ import annotations

import os
from pathlib import Path, PurePath


def repository_of(directory: Path) -> Path:
    """Return the directory of the repository that contains a directory; without one, the directory itself."""
    return next((one for one in (directory, *directory.parents) if (one / ".git").exists()), directory)


def file_name(file: str, top: Path | None) -> str:
    """Name a file relative to `top`; one that is not below it keeps its absolute path. Without `top`, as it is."""
    if top is None:
        return PurePath(file).as_posix()
    for spelled in (os.path.abspath, os.path.realpath):  # a link stays what the user named, if it can
        path = Path(spelled(file))
        if path.is_relative_to(top):
            return path.relative_to(top).as_posix()
    return Path(os.path.abspath(file)).as_posix()  # noqa: PTH100 - a link stays one

"""Files that are streams: what another program writes, and can be read only once."""

from __future__ import annotations

import re
from pathlib import Path

STDIN = Path("/dev/stdin")
_PLACES = ("/dev/", "/proc/")
_INPUT = r"/dev/(?:stdin|fd/[0-9]+)|/proc/self/fd/[0-9]+"  # compiled when first used: few contracts are streams


def is_stream(name: str) -> bool:
    """Whether a name is written as that of what another program writes: the standard input, or `<(…)` of a shell."""
    return name.startswith(_PLACES) and re.fullmatch(_INPUT, name) is not None


def base_of(file: Path) -> Path:
    """Return the folder to which the names in a file are relative: that of the file, for a stream the current one."""
    return Path() if is_stream(file.as_posix()) else file.parent

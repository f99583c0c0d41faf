"""The program started by its own name, as a process of its own; and which modules that loads."""

from __future__ import annotations

import os
import subprocess
import sys

_START = "import sys; sys.argv = ['sessionaudit', *sys.argv[1:]]; from sessionaudit.__main__ import main; main()"


def started(*arguments: str, python: str = "", **environment: str) -> subprocess.CompletedProcess[str]:
    """A call, with options of Python."""
    return subprocess.run(
        [sys.executable, *python.split(), "-c", _START, *arguments],
        env={**os.environ, **environment},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )


def imported(*arguments: str, **environment: str) -> set[str]:
    """The modules that a call loads, however it ends."""
    result = started(*arguments, python="-X importtime", **environment)
    lines = [line for line in result.stderr.splitlines() if line.startswith("import time:")]
    assert len(lines) > 20, result.stderr
    return {line.rpartition("|")[2].strip() for line in lines}

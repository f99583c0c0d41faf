"""Writes `repairs/session_requests.sql`: the script that repairs the broken system of the demo."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from sessionaudit.demo import system
from sessionaudit.embedded.server import temporary_server

TOP = Path(__file__).parents[1]


def main() -> int:
    """Make the broken system, and print its repair into the file."""
    with temporary_server() as server:
        url = system.create(server, "session_requests", system.BROKEN)
        asked = ("--only", "schema", "--only", system.UNKNOWN)
        allowed = ("--allow", "rewrite", "--allow", "loosen", "--with-data")
        words = ("repair", "--transactional", *asked, *allowed, "--quiet", "-d", url)
        words = (*words, "--output", str(TOP / "repairs" / "session_requests.sql"))
        return subprocess.run([sys.executable, "-m", "sessionaudit", *words], cwd=TOP, check=False).returncode


if __name__ == "__main__":
    raise SystemExit(main())

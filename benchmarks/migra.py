"""migra, the usual tool for comparing two databases, in an environment of its own."""

from __future__ import annotations

import subprocess
import sys
import venv
from pathlib import Path

FOLDER = Path(__file__).parents[1] / ".cache" / "benchmarks" / "migra"
# It is no longer maintained: it needs SQLAlchemy 1 and the pkg_resources of older setuptools.
_PACKAGES = ("migra", "psycopg2-binary", "sqlalchemy<2", "setuptools<81")


def install() -> tuple[Path | None, str]:
    """Return the program and its version, or None and why it cannot be had."""
    program = FOLDER / "bin" / "migra"
    python = str(FOLDER / "bin" / "python")
    try:
        if not program.exists():
            sys.stderr.write("installing migra …\n")
            venv.create(FOLDER, with_pip=True, clear=True)
            _run(python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", *_PACKAGES)
        _run(str(program), "--help")
        version = _run(python, "-c", "from importlib.metadata import version; print(version('migra'))")
    except (OSError, subprocess.SubprocessError) as error:
        said = getattr(error, "stderr", "") or str(error)
        return None, said.strip().splitlines()[-1] if said.strip() else type(error).__name__
    return program, version.strip()


def _run(*command: str) -> str:
    return subprocess.run(command, capture_output=True, text=True, check=True, timeout=300).stdout

"""Ask git which files of a folder have changed since a commit, a branch or a tag."""

from __future__ import annotations

import subprocess
from typing import TYPE_CHECKING

from sessionaudit.errors import UsageError

if TYPE_CHECKING:
    from pathlib import Path

_SECONDS = 30
_CHANGED = ("diff", "--name-only", "--no-renames", "-z", "--relative", "--diff-filter=d")
_NEW = ("ls-files", "--others", "--exclude-standard", "-z")


def changed_since(folder: Path, ref: str) -> frozenset[str]:
    """Return the files that differ from a commit, committed or not, with those that git does not know yet.

    The paths are relative to the folder. Raises UsageError where there is no git, no repository, or no such commit.
    """
    commit = _asked(folder, ref, "rev-parse", "--verify", "--quiet", "--end-of-options", f"{ref}^{{commit}}").strip()
    found = _asked(folder, ref, *_CHANGED, commit, "--", ".") + _asked(folder, ref, *_NEW, "--", ".")
    return frozenset(name for name in found.split("\0") if name)


def _asked(folder: Path, ref: str, *words: str) -> str:
    try:
        done = subprocess.run(
            ["git", "-C", str(folder), *words],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            errors="surrogateescape",
            timeout=_SECONDS,
            check=False,
        )
    except FileNotFoundError:
        raise UsageError("--changed-since needs git, which is not installed here", hint="Leave it out.") from None
    except subprocess.TimeoutExpired:
        raise UsageError(f"git did not answer within {_SECONDS} s") from None
    if done.returncode:
        said = done.stderr.strip().splitlines()
        if not said:
            raise UsageError(f"git knows no commit “{ref}”", hint="Fetch it, or name another: origin/main, HEAD~1 …")
        raise UsageError(f"git cannot compare {folder} with “{ref}”: {said[-1].removeprefix('fatal: ')}")
    return done.stdout

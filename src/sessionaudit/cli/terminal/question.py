"""Asks before something is changed."""

from __future__ import annotations

import sys

from sessionaudit.cli.terminal.aside import aside
from sessionaudit.cli.terminal.messages import say
from sessionaudit.core.visible import visible
from sessionaudit.errors import UsageError


def confirmed(yes: bool, question: str, *, otherwise: str = "Nothing was changed.") -> bool:
    """Ask for confirmation, unless it was given by --yes. Raises UsageError if there is no terminal."""
    if yes:
        return True
    if not (sys.stdin and sys.stdin.isatty() and sys.stderr and sys.stderr.isatty()):
        raise UsageError(
            "there is no terminal to ask on; nothing was changed", hint="Pass --yes to proceed without asking."
        )
    with aside(anew=True):
        sys.stderr.write(f"{visible(question)} [y/N] ")
        sys.stderr.flush()
        agreed = sys.stdin.readline().strip().lower() in {"y", "yes"}
    if not agreed:
        say(otherwise)
    return agreed

"""An error as the result of a command, for programs that asked for a format of theirs."""

from __future__ import annotations

import contextlib
import itertools
from typing import TYPE_CHECKING, Any

from sessionaudit.cli.terminal.result import deliver
from sessionaudit.cli.terminal.stdout import STDOUT
from sessionaudit.core.visible import spelled_json
from sessionaudit.errors import EXIT_USAGE, SessionAuditError
from sessionaudit.report.errors import error_object

if TYPE_CHECKING:
    from collections.abc import Sequence


def deliver_error(error: dict[str, Any], format_: str) -> None:
    """Print the error object, unless a part of the result has been printed."""
    if format_ in {"json", "jsonl"} and not STDOUT.used:
        with contextlib.suppress(SessionAuditError):  # stdout itself may have failed
            deliver(spelled_json(error, indent=2 if format_ == "json" else None) + "\n", None)


def refuse(message: str, arguments: Sequence[str]) -> None:
    """Print an error of the arguments as an object, if they request a format for programs."""
    words = [word for one in arguments for word in (one.split("=", 1) if one.startswith("--") else [one])]
    words = [part for word in words for part in (("-f", word[2:]) if word[:2] == "-f" and word[2:] else (word,))]
    asked = [after for word, after in itertools.pairwise(words) if word in {"-f", "--format"}]
    STDOUT.used = False
    deliver_error(error_object("usage", message, EXIT_USAGE), asked[-1] if asked else "")

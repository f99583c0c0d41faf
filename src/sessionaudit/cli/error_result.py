"""An error as the result of a command, for programs that asked for a format of theirs."""

from __future__ import annotations

import contextlib
import itertools
from typing import TYPE_CHECKING, Any, cast

from sessionaudit.cli.terminal.canvas import canvas
from sessionaudit.cli.terminal.result import deliver
from sessionaudit.cli.terminal.stdout import STDOUT
from sessionaudit.core.visible import spelled_json
from sessionaudit.errors import SessionAuditError
from sessionaudit.report.errors import spelled_error
from sessionaudit.report.formats import FORMATS

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sessionaudit.cli.options.formats import PrintedFormat
    from sessionaudit.errors import UsageError


def deliver_error(error: Mapping[str, Any], asked: object) -> None:
    """Print an error in the formats that --format asks for: one, or several of which some have files of their own.

    What was printed on stdout stays alone there. An error in the call itself changes no file, nor does a format that
    has no way to tell of one.
    """
    several = cast("Sequence[PrintedFormat]", asked) if isinstance(asked, (list, tuple)) else ()
    names = [str(one) for one in several if one.file is None] if several else [f"{asked}"]
    text = "" if STDOUT.used else "".join(_spelled(error, name) for name in names[:1])
    if text:
        with contextlib.suppress(SessionAuditError):  # stdout itself may have failed
            deliver(text)
    for one in several if error["error"]["kind"] != "usage" else ():
        if one.file is not None and (text := _spelled(error, one.format.name)):
            with contextlib.suppress(SessionAuditError):
                deliver(text, one.file, option="--format")


def _spelled(error: Mapping[str, Any], name: str) -> str:
    """Spell an error in the format of this name; the objects of JSON lines stand on a line each."""
    if name == "jsonl":
        return spelled_json(error, indent=None) + "\n"
    known = next((one for one in FORMATS if one.name == name), None)
    return known.render_error(error, canvas(no_color=True)) if known else ""


def refuse(refusal: UsageError, arguments: Sequence[str]) -> None:
    """Print an error of the arguments in a format, if they request one for programs."""
    words = [word for one in arguments for word in (one.split("=", 1) if one.startswith("--") else [one])]
    words = [part for word in words for part in (("-f", word[2:]) if word[:2] == "-f" and word[2:] else (word,))]
    asked = [after for word, after in itertools.pairwise(words) if word in {"-f", "--format"} and "=" not in after]
    STDOUT.used = False
    deliver_error(spelled_error(refusal), asked[-1] if asked else "")

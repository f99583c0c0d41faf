"""A default that somebody stated, and what is said of one that is wrong."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct

from sessionaudit.core.node import nearest
from sessionaudit.defaults.options import INSTEAD, SETTABLE, refusal, settable
from sessionaudit.errors import DefaultsError

if TYPE_CHECKING:
    from pathlib import Path

    from sessionaudit.core.finding import Location

Value = bool | int | float | str | list[str]


class StatedDefault(Struct, frozen=True):
    """The default of an option: `word` is the option without its hyphens, `command` is "" for that of all commands.

    `place` is where it is stated: a line of a file, or a variable. `directory` is that from which the file means names
    of files; None for a variable, which means them from the current one.
    """

    command: str
    word: str
    value: Value
    place: Location
    directory: Path | None = None


def problem(command: str, word: str, place: Location) -> DefaultsError | None:
    """Return what is wrong with stating a default of this option; None if nothing is."""
    if why := refusal(command, word):
        return DefaultsError(f"--{word} cannot have a default: {why}", location=place, hint=INSTEAD.get(why, ""))
    known = settable(command)
    if word in known:
        return None
    what = f"option of {command}" if command else "option or command"
    return DefaultsError(
        f"“{word}” is no {what} that may have a default",
        location=place,
        hint=nearest(word, (*known, *(() if command else SETTABLE))),
    )

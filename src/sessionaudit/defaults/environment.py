"""Read defaults from environment variables: SESSIONAUDIT_OPTION for every command, SESSIONAUDIT_COMMAND_OPTION for one.

A list is split as a shell splits words.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sessionaudit.core.finding import Location
from sessionaudit.core.node import close
from sessionaudit.defaults.options import SETTABLE, refusal, settable
from sessionaudit.defaults.stated import StatedDefault, problem

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from sessionaudit.errors import DefaultsError

PREFIX = "SESSIONAUDIT_"
# Variables of the program that are no options.
OTHERS = ("SESSIONAUDIT_DEBUG", "SESSIONAUDIT_PG_BIN")


def variable(command: str, word: str) -> str:
    """Return the name of the variable of an option."""
    return PREFIX + "_".join((*([command] if command else []), *word.split("-"))).upper()


def stated(environment: Mapping[str, str], command: str) -> Iterator[StatedDefault | DefaultsError]:
    """Return the defaults that concern a command, those of the command last, and what is wrong with such variables.

    An empty variable states nothing. A general one of an unknown name may be another program's.
    """
    for name in sorted(environment):
        if environment[name] and name.startswith(PREFIX) and name not in OTHERS:
            word = _word(name, "")
            if word in settable("") or refusal("", word):
                yield problem("", word, Location(name, 0)) or StatedDefault(
                    "", word, environment[name], Location(name, 0)
                )
    own = variable(command, "") if command else ""
    for name in sorted(environment):
        if own and environment[name] and name.startswith(own):
            word = _word(name, own.removeprefix(PREFIX))
            place = Location(name, 0)
            yield problem(command, word, place) or StatedDefault(command, word, environment[name], place)


def unread(environment: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """Return the variables of our prefix that nothing reads, each with a hint."""
    known = {variable(command, word) for command in ("", *SETTABLE) for word in settable(command)}
    for name in sorted(environment):
        if name.startswith(PREFIX) and not name.startswith(f"{PREFIX}TEST_") and name not in {*known, *OTHERS}:
            yield name, close(name, known)


def _word(name: str, own: str) -> str:
    return name.removeprefix(PREFIX).removeprefix(own).lower().replace("_", "-")

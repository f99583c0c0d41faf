"""Which defaults of options are in force here, for every command."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from sessionaudit.cli.commands import COMMANDS, loaded
from sessionaudit.cli.defaults.found import defaults_of
from sessionaudit.defaults import environment
from sessionaudit.doctor.diagnosis import DefaultInForce, Symptom, Weight

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sessionaudit.cli.defaults.call_defaults import CallDefaults


def defaults_in_force() -> Iterator[DefaultInForce]:
    """Yield each default of each command; what is typed goes before it."""
    for name, found in _all().items():
        for one in found.stated.values():
            value = ", ".join(one.value) if isinstance(one.value, list) else str(one.value)
            yield DefaultInForce(command=name, option=f"--{one.word}", value=value, place=str(one.place))


def remarks_on_defaults() -> Iterator[Symptom]:
    """Yield what is wrong with the defaults of other commands, and the variables that nothing reads."""
    for name, found in _all().items():
        for error in found.wrong:
            yield Symptom(
                topic="defaults",
                name=str(error.location),
                weight=Weight.LACK,
                fact=f"{error}.",
                consequence=error.hint or f"`{name}` refuses to run.",
                needed_by=(name,),
            )
    for variable, hint in environment.unread(os.environ):
        fact = f"The variable {variable} is set, and no command reads it."
        yield Symptom(topic="defaults", name=variable, weight=Weight.NOTE, fact=fact, consequence=hint)


def _all() -> dict[str, CallDefaults]:
    commands = {name: loaded(name) for name in COMMANDS}
    return {name: defaults_of(name, command, commands.values) for name, command in commands.items()}

"""Options that contradict each other or have no effect are refused, never ignored."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from sessionaudit.cli.options.chosen import is_chosen
from sessionaudit.cli.options.conflicts import CONTRADICTIONS, MODES
from sessionaudit.cli.options.given import is_given
from sessionaudit.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Mapping

    import typer

_PARAMETER = re.compile(r"\{(\w+)\}")


def require_effect(context: typer.Context) -> None:
    """Refuse options that have no effect or contradict each other. Raises UsageError."""
    given = {
        parameter.name: max(parameter.opts, key=len)
        for parameter in context.command.params
        if parameter.name and is_given(context, parameter.name)
    }
    command = context.command.name or ""
    modes = MODES.get(command, ())
    declared = [(is_chosen(mode.when, context.params), mode.called, mode.idle) for mode in modes]
    for chosen, mode, parameters in declared:
        for name in parameters if chosen else ():
            if name in given:
                raise UsageError(f"{given[name]} has no effect {_spelled(mode, context.params)}", hint="Omit it.")
    for one in CONTRADICTIONS.get(command, ()):
        if is_chosen(one.when, context.params):
            raise UsageError(one.message, hint=one.hint)


def _spelled(mode: str, parameters: Mapping[str, Any]) -> str:
    """Put the values of parameters that may be repeated into the name of a mode."""
    for name in _PARAMETER.findall(mode):
        mode = mode.replace(f"{{{name}}}", ", ".join(map(str, parameters[name])))
    return mode

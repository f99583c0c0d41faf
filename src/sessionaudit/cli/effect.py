"""Options that have no effect in the chosen mode: refused, never ignored."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sessionaudit.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Iterable

    import typer

    Silent = tuple[bool, str, Iterable[str]]


def require_effect(context: typer.Context, *silent: Silent) -> None:
    """Refuse what the command line gives in vain. Raises UsageError.

    Each of `silent` says whether a mode is chosen, how it is called, and which parameters have no effect in it.
    """
    given = {
        parameter.name: max(parameter.opts, key=len)
        for parameter in context.command.params
        if parameter.name and _is_given(context, parameter.name)
    }
    for chosen, mode, parameters in silent:
        for name in parameters if chosen else ():
            if name in given:
                raise UsageError(f"{given[name]} has no effect {mode}", hint="Omit it.")


def _is_given(context: typer.Context, name: str) -> bool:
    source = context.get_parameter_source(name)
    return source is not None and source.name == "COMMANDLINE"

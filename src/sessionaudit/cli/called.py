"""Record a call, for the commands that are printed later."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from sessionaudit.cli.commands import parameters
from sessionaudit.cli.options.given import is_given
from sessionaudit.core.printed_commands import CALLING
from sessionaudit.core.visible import option_path

if TYPE_CHECKING:
    from collections.abc import Sequence

    import typer

_USUAL = "expected_schema.yaml"
_SHORT = {"contract": "-c", "database_url": "-d"}


def begin(context: typer.Context) -> None:
    """Record how a command was called, and when."""
    CALLING.forget()
    CALLING.began = dt.datetime.now(tz=dt.UTC)
    CALLING.command = context.info_name or ""
    if context.parent is not None:
        CALLING.takes = parameters
    for parameter in context.command.params:
        name, value = parameter.name or "", context.params.get(parameter.name or "")
        if parameter.param_type_name == "argument":
            one: Sequence[object] = () if value is None else (value,)
            several = cast("Sequence[object]", value) if isinstance(value, (list, tuple)) else one
            CALLING.operands += tuple(map(str, several))
        elif is_given(context, name) and value not in (None, False) and (name != "contract" or str(value) != _USUAL):
            option = _SHORT.get(name) or max(parameter.opts, key=len)
            CALLING.given[name] = tuple(_words(option, value))
    if isinstance(url := context.params.get("database_url"), str) and url.strip():
        CALLING.address = lambda: _address(url)


def _words(option: str, value: Any) -> list[str]:
    if type(value) in {list, tuple}:  # a named tuple is one value
        return [word for one in cast("Sequence[object]", value) for word in _words(option, one)]
    if isinstance(value, Path):
        value = option_path(value)
    elif isinstance(value, float):
        value = f"{value:.15g}"
    return [option] if value is True else [option, str(getattr(value, "value", value))]


def _address(url: str) -> tuple[str, ...]:
    from sessionaudit.postgres.masking import public

    shown, withheld = public(url)
    if withheld:
        CALLING.shorn = shown
    return ("-d", shown)

"""How a default becomes the value of an option."""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING, Any

import typer

from sessionaudit.cli.defaults.paths import seen_from_here
from sessionaudit.errors import DefaultsError

if TYPE_CHECKING:
    from sessionaudit.defaults.stated import StatedDefault


def converted(option: Any, one: StatedDefault) -> Any:
    """Return what an option takes from a default, before it converts that itself.

    Raises BadParameter if it could not, DefaultsError for a value of another type.
    """
    value: Any = one.value
    if isinstance(value, bool) is not bool(option.is_flag) and one.directory is not None:
        raise DefaultsError("it is true or false" if option.is_flag else "it is not true or false")
    if isinstance(value, list) and not option.multiple:
        raise DefaultsError("it takes one value, and no list")
    if option.multiple and isinstance(value, str):
        value = [value] if one.directory else _words(value)
    value = seen_from_here(one, value)
    try:
        option.type_cast_value(None, value)
    except typer.BadParameter:
        if not option.is_flag:
            raise
        # What typer says lists all of the words that it knows, an empty one among them.
        raise DefaultsError(f"“{value}” is none of true, yes, on, 1, false, no, off and 0") from None
    return value


def _words(text: str) -> list[str]:
    try:
        return shlex.split(text)
    except ValueError:
        raise DefaultsError("a quote is never closed") from None


def options_of(command: Any) -> dict[str, Any]:
    """Return the options of a command by their words."""
    return {max(one.opts, key=len).lstrip("-"): one for one in command.params if one.param_type_name == "option"}


def takes(command: Any, one: StatedDefault) -> bool:
    """Whether a command has the option, and takes this default of it."""
    try:
        return (option := options_of(command).get(one.word)) is not None and converted(option, one) is not None
    except (typer.BadParameter, DefaultsError):
        return False

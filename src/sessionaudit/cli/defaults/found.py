"""The defaults of a call: those that are stated, as far as its command takes them."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

from sessionaudit.cli.defaults.call_defaults import CallDefaults
from sessionaudit.cli.defaults.conversion import converted, options_of, takes
from sessionaudit.defaults import environment, project_file
from sessionaudit.defaults.stated import StatedDefault
from sessionaudit.errors import DefaultsError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator


def defaults_of(name: str, command: Any, others: Callable[[], Iterable[Any]]) -> CallDefaults:
    """Return the defaults of a command; a variable goes before the file, and one for a command before one for all.

    A format for all commands is for those that have it: at least one of the `others`.
    """
    found = CallDefaults({}, {})
    wrong: list[DefaultsError] = []
    options = options_of(command)
    for one in _all_stated(name):
        if isinstance(one, DefaultsError):
            wrong.append(one)
        elif one.command in {"", name} and (option := options.get(one.word)) is not None:
            try:
                found.values[option.name] = converted(option, one)
                found.stated[option.name] = one
            except (typer.BadParameter, DefaultsError) as error:
                if one.command or not any(takes(other, one) for other in others()):
                    said = error.message.rstrip(".")
                    hint = error.hint if isinstance(error, DefaultsError) else ""
                    wrong.append(DefaultsError(f"--{one.word}: {said}", location=one.place, hint=hint))
    return found._replace(wrong=tuple(wrong))


def _all_stated(name: str) -> Iterator[StatedDefault | DefaultsError]:
    try:
        stated = [*project_file.stated(Path.cwd())]
    except OSError:  # somebody removed the directory
        stated = []
    yield from sorted(stated, key=lambda one: isinstance(one, StatedDefault) and bool(one.command))
    yield from environment.stated(os.environ, name)

"""How the values of options are read."""

from __future__ import annotations

import math
from enum import StrEnum
from typing import TYPE_CHECKING, Any

import typer

from sessionaudit.core.finding import Severity
from sessionaudit.postgres.timeout import LONGEST

if TYPE_CHECKING:
    from collections.abc import Callable

    from sessionaudit.postgres.connection import Url


def seconds(least: float = 0.001) -> Callable[[Any], float]:
    """Return a parser for an option in seconds, at least `least`.

    The parser raises BadParameter, which ends in exit 2.
    """

    def parse(value: Any) -> float:
        try:
            number = float(value)
        except ValueError:
            number = math.nan
        if not least <= number <= LONGEST:
            raise typer.BadParameter(f"{value!r} is not a number of seconds from {least:g} to {LONGEST:,}.")
        return number

    return parse


class FailOn(StrEnum):
    """The lowest severity that makes the exit code 1."""

    error = "error"
    warning = "warning"
    note = "note"
    never = "never"

    @property
    def least(self) -> Severity | None:
        """The severity; None if findings never do."""
        return None if self is FailOn.never else Severity[self.name.upper()]


def address(url: str | None, role: str) -> Url:
    """Return where to connect, and the role to use there."""
    from sessionaudit.postgres.connection import Address

    return Address(url, role) if role else url

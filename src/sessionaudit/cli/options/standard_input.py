"""Contracts that are given as `-`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sessionaudit.core.streams import STDIN

if TYPE_CHECKING:
    from pathlib import Path


def of_stdin(given: Path) -> Path:
    """Return the file of a contract that was given; `-` is the standard input, as for other programs."""
    return STDIN if str(given) == "-" else given


def all_of_stdin(given: list[Path] | None) -> list[Path] | None:
    """Return the files of contracts that were given, of which one may be the standard input."""
    return given and [of_stdin(one) for one in given]

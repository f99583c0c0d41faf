"""Contracts that are given as `-`."""

from __future__ import annotations

from pathlib import Path  # noqa: TC003 - typer reads the annotations

from sessionaudit.core.streams import STDIN


def of_stdin(given: Path) -> Path:
    """Return the file of a contract that was given; `-` is the standard input, as for other programs."""
    return STDIN if str(given) == "-" else given


def all_of_stdin(given: list[Path] | None) -> list[Path] | None:
    """Return the files of contracts that were given, of which one may be the standard input."""
    return given and [of_stdin(one) for one in given]

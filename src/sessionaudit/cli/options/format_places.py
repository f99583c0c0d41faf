"""Where the formats of a call are written: each in a place of its own."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from sessionaudit.core.printed_commands import CALLING
from sessionaudit.errors import UsageError
from sessionaudit.writing import require_replaceable, require_writable, stream_of

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from sessionaudit.cli.options.formats import PrintedFormat


def option(one: PrintedFormat) -> str:
    """The option that names the file of a format."""
    return "--format" if one.file else "--output"


def require_places(asked: Sequence[PrintedFormat], output: Path | None, *, quiet: bool) -> None:
    """Refuse formats of which one would have no effect, or cannot be written. Raises UsageError."""
    loose = [one for one in asked if one.file is None]
    if output and not loose:
        raise UsageError("--output has no effect where each --format has its file", hint="Omit it.")
    if quiet and loose and not output and len(asked) > len(loose):
        raise UsageError(f"--format {loose[0]} has no effect with --quiet, which prints nothing", hint="Omit it.")
    taken: dict[str | int, PrintedFormat] = {}
    for one in asked:
        file = one.file or output
        require_writable(file, option(one))
        place = _place(file)
        if place in _read():
            raise UsageError(f"{option(one)} would replace {file}, which this call reads", hint="Name another file.")
        require_replaceable(file, option(one))
        if place in taken:
            where = "stdout" if place == 1 else file
            raise UsageError(
                f"--format {taken[place]} and --format {one} would both be written to {where}",
                hint=f"Write all but one to files of their own: --format {one.format}=FILE.",
            )
        taken[place] = one


def _read() -> set[str]:
    """The files that the current call reads: the contract, a baseline, a project's defaults."""
    contract = os.environ.get("SESSIONAUDIT_CONTRACT") or "expected_schema.yaml"
    given = [CALLING.given[name][-1] for name in ("contract", "baseline") if CALLING.given.get(name)]
    return {os.path.realpath(name) for name in (contract, *given, "pyproject.toml")}


def _place(file: Path | None) -> str | int:
    if file is None:
        return 1
    stream = stream_of(file)
    return os.path.realpath(file) if stream is None else stream

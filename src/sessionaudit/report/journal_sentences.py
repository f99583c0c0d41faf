"""What is said of the journal of a backfill: which it is, how to resume its run, and how to undo it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sessionaudit.core.printed_commands import CALLING
from sessionaudit.core.visible import option_path, shell_path

if TYPE_CHECKING:
    from pathlib import Path


def other_run_unfinished(path: Path) -> str:
    """Another run was cut short, which only its own command ends."""
    return f"{path} is the journal of another interrupted run: run its command again, with --journal, to finish it."


def run_unfinished(path: Path, more: int) -> str:
    """A run was cut short, which this one goes on with; so many more are left."""
    others = f" ({more} more are left for later runs)" if more else ""
    return f"{path} is the journal of an interrupted run, which is resumed{others}."


def advice(path: Path) -> str:
    """What to type if a run is cut short."""
    same = CALLING.again(instead={"journal": ["--journal", option_path(path)]})
    goes_on = f"`{same}`" if same else f"The same command with --journal {shell_path(path)}"
    return f"{goes_on} resumes, and repairs nothing twice; `{_undo(path)}` undoes it."


def resumed(path: Path, rows: int) -> str:
    """How much was made before."""
    return f"Resuming {path}: {'1 row was' if rows == 1 else f'{rows:,} rows were'} repaired before."


def written(path: Path) -> str:
    """Where it is, and how to undo it."""
    return f"Journal: {shell_path(path)}. To undo: `{_undo(path)}`."


def _undo(path: Path) -> str:
    return CALLING.line("undo", operands=(option_path(path),))

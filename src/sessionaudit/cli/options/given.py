"""What the command line gives."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import typer


def is_given(context: typer.Context, name: str) -> bool:
    """Whether the command line gives a parameter; what the environment says it says again."""
    source = context.get_parameter_source(name)
    return source is not None and source.name == "COMMANDLINE"

"""What the command line gives, and what is a default of the user's."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import typer


def is_given(context: typer.Context, name: str) -> bool:
    """Whether the command line gives a parameter; what the environment says it says again."""
    source = context.get_parameter_source(name)
    return source is not None and source.name == "COMMANDLINE"


def is_default(context: typer.Context, name: str) -> bool:
    """Whether a parameter has a default of the user's, from a file or a variable for options."""
    source = context.get_parameter_source(name)
    return source is not None and source.name == "DEFAULT_MAP"


def take_built_in(context: Any, name: str) -> None:
    """Give a parameter the default that it has in the program."""
    parameter = next(one for one in context.command.params if one.name == name)
    context.params[name] = parameter.type_cast_value(context, parameter.default)
    context.set_parameter_source(name, context.get_parameter_source(name).__class__.DEFAULT)

"""Enter the function of the project that a call calls, in whichever file it stands."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from sessionaudit.audits.code.readers.typescript.syntax import arguments, contains, field

if TYPE_CHECKING:
    from collections.abc import Generator

    from tree_sitter import Node

    from sessionaudit.audits.code.readers.typescript.syntax import Script


@contextmanager
def entered(source: Script, call: Node) -> Generator[tuple[Script, Node] | None]:
    """Give the function of the project that a call calls, None if it is not known, or calls itself."""
    place = source.function_called(call)
    if place is None or place[1].id in place[0].entered:
        yield None
        return
    place[0].entered.add(place[1].id)
    try:
        yield place
    finally:
        place[0].entered.discard(place[1].id)


def parameter_of(function: Node, call: Node, given: Node) -> Node | None:
    """Return the parameter that an argument of a call becomes; None if the text does not tell which."""
    several, one = field(function, "parameters"), field(function, "parameter")
    every = [one] if one is not None else [] if several is None else several.named_children
    every = [child for child in every if child.type != "comment"]
    if any(argument.type == "spread_element" for argument in arguments(call)):
        return None
    position = next((at for at, argument in enumerate(arguments(call)) if contains(argument, given)), None)
    if position is None or position >= len(every):
        return None
    pattern = field(every[position], "pattern") or every[position]
    return every[position] if pattern.type in {"identifier", "object_pattern"} else None

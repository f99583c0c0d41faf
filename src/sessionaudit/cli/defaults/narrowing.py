"""Defaults of the user's by which a call finds less, or fails for less."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from sessionaudit.cli.options.given import is_default
from sessionaudit.cli.options.values import FailOn
from sessionaudit.core.visible import shell_word

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from sessionaudit.defaults.stated import StatedDefault

_LEAVING_OUT = ("only", "ignore", "exclude", "baseline")


def narrowing(context: Any, stated: Mapping[str, StatedDefault]) -> tuple[str, ...]:
    """Return a sentence about those that are in force, each with its place; nothing if there are none."""
    said = [*_said(context, stated)]
    return (f"defaults limit what this call finds or fails for: {', '.join(said)}",) if said else ()


def _said(context: Any, stated: Mapping[str, StatedDefault]) -> Iterator[str]:
    for name, one in stated.items():
        if is_default(context, name) and (name in _LEAVING_OUT or context.params[name] == FailOn.never):
            value = context.params[name]
            several = cast("Sequence[object]", value) if isinstance(value, (list, tuple)) else (value,)
            words = " ".join(shell_word(str(getattr(each, "value", each))) for each in several)
            yield f"--{one.word} {words} ({one.place})"

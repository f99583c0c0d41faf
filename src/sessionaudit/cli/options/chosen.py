"""Whether a call is in a mode, or contradicts itself."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sessionaudit.cli.options.conflicts import OfFormats, Values


def is_chosen(when: Values, parameters: Mapping[str, Any]) -> bool:
    """Whether the values of the parameters are such."""
    return all(_is(parameters[name], wanted) for name, wanted in when.items())


def _is(value: Any, wanted: bool | str | Sequence[str] | OfFormats) -> bool:
    if callable(wanted):
        return wanted(value)
    if isinstance(wanted, bool):
        return bool(value) is wanted
    if isinstance(wanted, str):
        return str(value) == wanted
    return list(value or ()) == list(wanted)

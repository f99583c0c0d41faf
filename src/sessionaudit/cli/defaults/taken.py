"""Which defaults of the user's leave something out of a check that nobody typed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sessionaudit.cli.defaults.call_defaults import KEY, require_right_defaults
from sessionaudit.cli.options.given import is_default
from sessionaudit.core.printed_commands import CALLING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sessionaudit.cli.defaults.call_defaults import CallDefaults

_WEAKENING = ("fail_on", "only", "ignore", "baseline")
_NEVER = "never"  # any other --fail-on counts as much as the built-in one, or more


def take_defaults(context: Any) -> None:
    """Record for the page what they leave out. Raises DefaultsError while one is wrong."""
    require_right_defaults(context)
    CALLING.defaults = tuple(_weakening(context))


def _weakening(context: Any) -> Iterator[str]:
    """Yield a sentence for each file or variable that does so."""
    found: CallDefaults | None = context.meta.get(KEY)
    places: dict[str, list[str]] = {}
    for name in _WEAKENING if found else ():
        value = context.params.get(name)
        if found and value and is_default(context, name) and (name != "fail_on" or str(value) == _NEVER):
            one = found.stated[name]
            said = ", ".join(one.value) if isinstance(one.value, list) else str(one.value)
            places.setdefault(one.place.file, []).append(f"{one.word} = {said}")
    for place, stated in places.items():
        yield f"taken from {place}: {'; '.join(stated)}"

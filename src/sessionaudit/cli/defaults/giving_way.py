"""Defaults give way: where they have no effect, and where what is typed would have none because of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sessionaudit.cli.help_page import GroupedCommand
from sessionaudit.cli.options.chosen import is_chosen
from sessionaudit.cli.options.conflicts import CONTRADICTIONS, MODES
from sessionaudit.cli.options.given import is_default, is_given, take_built_in

if TYPE_CHECKING:
    from collections.abc import Iterable


class DefaultingCommand(GroupedCommand):
    """A command whose options may have defaults of the user's."""

    def invoke(self, ctx: Any) -> Any:
        """Settle which defaults are in force, and run."""
        give_way(ctx)
        return super().invoke(ctx)


def give_way(context: Any) -> None:
    """Take away the defaults that have no effect in the mode of a call, and those that deprive what is typed of it."""
    name = context.command.name or ""
    while True:
        again = False
        for mode in MODES.get(name, ()):
            if is_chosen(mode.when, context.params):
                typed = any(is_given(context, one) for one in mode.idle)
                again |= _drop(context, mode.when if typed else mode.idle)
        for one in CONTRADICTIONS.get(name, ()):
            if is_chosen(one.when, context.params):
                again |= _drop(context, one.when)
        if not again:
            return


def _drop(context: Any, names: Iterable[str]) -> bool:
    dropped = [name for name in names if is_default(context, name)]
    for name in dropped:
        take_built_in(context, name)
    return bool(dropped)

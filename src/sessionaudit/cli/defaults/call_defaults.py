"""The defaults of a call, which its context has."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from sessionaudit.core.printed_commands import CALLING

if TYPE_CHECKING:
    import typer

    from sessionaudit.defaults.stated import StatedDefault
    from sessionaudit.errors import DefaultsError

KEY = "sessionaudit.defaults"  # under which the context has them


class CallDefaults(NamedTuple):
    """The values by their parameters, where each is from, and what is wrong."""

    values: dict[str, Any]
    stated: dict[str, StatedDefault]
    wrong: tuple[DefaultsError, ...] = ()


def require_right_defaults(context: typer.Context) -> None:
    """Refuse a call while a default is wrong, and record those that narrow it. Raises DefaultsError, with all wrong."""
    found: CallDefaults | None = context.meta.get(KEY)
    if found is None:
        return
    if found.stated:
        from sessionaudit.cli.defaults.narrowing import narrowing

        CALLING.narrowing = narrowing(context, found.stated)
    if found.wrong:
        first, *more = found.wrong
        first.more = tuple(more)
        raise first

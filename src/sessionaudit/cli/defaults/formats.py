"""Formats in files that are a default, beside what is typed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from sessionaudit.cli.options.given import is_default, is_given, take_built_in

if TYPE_CHECKING:
    from sessionaudit.cli.options.formats import PrintedFormat

_FORMAT, _OUTPUT = "format_", "output"


def formats_give_way(context: Any) -> None:
    """Take away the formats that would deprive --output or --quiet of their effect, or have no place of their own."""
    value = context.params.get(_FORMAT)
    if not isinstance(value, (list, tuple)) or not is_default(context, _FORMAT):
        return
    formats = cast("list[PrintedFormat]", [*cast("list[Any]", value)])
    filed = [one for one in formats if one.file is not None]
    if len(filed) == len(formats) and is_given(context, _OUTPUT):
        take_built_in(context, _FORMAT)
    elif filed and context.params.get("quiet") and not context.params.get(_OUTPUT):
        context.params[_FORMAT] = filed

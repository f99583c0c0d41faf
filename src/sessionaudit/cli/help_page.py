"""How a help is laid out: options under their headings, commands under theirs, all of them in two columns."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from typer.core import TyperCommand

from sessionaudit.cli.options import groups

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

_NAMES = 30  # how wide the column of names may be
_OTHERS = "Options"
_ARGUMENTS = "Arguments"

Rows = list[tuple[str, str]]


class GroupedCommand(TyperCommand):
    """A command whose options stand under the headings that they declare; typer does that with rich only."""

    def collect_usage_pieces(self, ctx: Any) -> list[str]:
        """Return the words after the command, as manuals write them: typer puts what is required in braces."""
        return [piece.strip("{}") for piece in super().collect_usage_pieces(ctx)]

    def format_options(self, ctx: Any, formatter: Any) -> None:
        """Write the options."""
        write_sections(formatter, option_sections(self.get_params(ctx), ctx))


def option_sections(parameters: Sequence[Any], context: Any) -> dict[str, Rows]:
    """The names and explanations of parameters by their headings; options without one come last."""
    sections: dict[str, Rows] = {heading: [] for heading in (_ARGUMENTS, *groups.ORDER, _OTHERS)}
    for one in parameters:
        heading = _ARGUMENTS if one.param_type_name == "argument" else getattr(one, "rich_help_panel", None)
        if row := one.get_help_record(context):
            sections[heading or _OTHERS].append(row)
    return sections


def write_sections(formatter: Any, sections: Mapping[str, Rows]) -> None:
    """Write them below each other, with one width for the names of all."""
    told = {heading: rows for heading, rows in sections.items() if rows}
    width = min(_NAMES, max(len(name) for rows in told.values() for name, _ in rows))
    for heading, ((name, text), *more) in told.items():
        with formatter.section(heading):
            formatter.write_dl([(name.ljust(width), text), *more], col_max=_NAMES)

"""How the option that names a format is read."""

from __future__ import annotations

from typing import Any, TypeVar

import typer

from sessionaudit.report.format import Format, StreamedFormat

PageFormat = Format[Any]
RowsPageFormat = StreamedFormat[Any]
AnyFormat = TypeVar("AnyFormat", PageFormat, RowsPageFormat)


def format_option(known: tuple[AnyFormat, ...], help_: str) -> Any:
    """Define the --format option of a page, which accepts only the formats of that page."""
    names = [one.name for one in known]

    def parse(word: str | AnyFormat) -> AnyFormat:
        found = next((one for one in known if one.name == str(word)), None)
        if found is None:
            raise typer.BadParameter(f"{str(word)!r} is not one of {', '.join(map(repr, names))}.")
        return found

    return typer.Option("--format", "-f", metavar=f"<{'|'.join(names)}>", parser=parse, help=help_)

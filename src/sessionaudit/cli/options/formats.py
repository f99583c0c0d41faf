"""How the option that names a format is read."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Any, NamedTuple, TypeVar

import typer

from sessionaudit.cli.options.completing import any_of
from sessionaudit.cli.options.groups import OUTPUT
from sessionaudit.core.visible import option_path
from sessionaudit.report.format import Format, StreamedFormat

PageFormat = Format[Any]
RowsPageFormat = StreamedFormat[Any]
AnyFormat = TypeVar("AnyFormat", PageFormat, RowsPageFormat)
_HOW = "How to print the report: {default} (default), {names}. With =FILE it is written there; may be repeated."


class PrintedFormat(NamedTuple):
    """A format that a call asks for, and the file for it; None where it goes with the result."""

    format: PageFormat
    file: Path | None = None

    def __str__(self) -> str:
        return f"{self.format}={option_path(self.file)}" if self.file else str(self.format)


def format_option(known: tuple[AnyFormat, ...], help_: str) -> Any:
    """Define the --format option of a page, which accepts only the formats of that page."""
    names = "|".join(one.name for one in known)
    return _option(known, metavar=f"<{names}>", parser=partial(_found, known=known), help=help_)


def formats_option(known: tuple[PageFormat, ...]) -> Any:
    """Define the --format option of a page that may be printed in several formats at once, each into its file."""

    def parse(word: str | PrintedFormat) -> PrintedFormat:
        name, separator, file = str(word).partition("=")
        if separator and not file:
            raise typer.BadParameter(f"{str(word)!r} names no file: {name}=FILE.")
        return PrintedFormat(_found(name, known), Path(file) if file else None)

    help_ = _HOW.format(default=known[0], names=", ".join(map(str, known[1:])))
    return _option(known, metavar="NAME[=FILE]", parser=parse, help=help_, show_default=False)


def _option(known: tuple[Any, ...], **declared: Any) -> Any:
    return typer.Option("--format", "-f", rich_help_panel=OUTPUT, autocompletion=any_of(known), **declared)


def _found(word: object, known: tuple[AnyFormat, ...]) -> AnyFormat:
    found = next((one for one in known if one.name == str(word)), None)
    if found is None:
        raise typer.BadParameter(f"{str(word)!r} is not one of {', '.join(repr(one.name) for one in known)}.")
    return found

"""The result of a command, which goes to stdout or into a file."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sessionaudit.cli.terminal.stdout import STDOUT, opened, unwritable
from sessionaudit.core.printed_commands import CALLING
from sessionaudit.core.visible import visible_page
from sessionaudit.writing import replace_file

if TYPE_CHECKING:
    from pathlib import Path


def deliver(text: str, output: Path | None = None, *, colour: bool = False) -> None:
    """Write the result to stdout, or into a file that is there whole or not at all.

    What no reader would see is spelled out, but for colours of ours where there are some; JSON and SQL have spelled it
    in their own way before. A reader that closes the pipe early (`| head`) has what it wanted.
    """
    CALLING.printed(text)
    text = visible_page(text, colour=colour)
    if output is not None:
        replace_file(output, text)
        return
    stdout = opened()
    STDOUT.used = True
    try:
        stdout.write(text)
        stdout.flush()
    except OSError as error:
        if refused := unwritable(error):
            raise refused from None

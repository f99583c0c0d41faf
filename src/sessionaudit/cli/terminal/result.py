"""The result of a command, which goes to stdout or into a file."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sessionaudit.cli.terminal.aside import aside
from sessionaudit.cli.terminal.stdout import STDOUT, opened, unwritable
from sessionaudit.core.printed_commands import CALLING
from sessionaudit.core.visible import visible_page
from sessionaudit.writing import replace_file, require_replaceable, require_unread

if TYPE_CHECKING:
    from pathlib import Path


def deliver(
    text: str,
    output: Path | None = None,
    *,
    colour: bool = False,
    exact: bool = False,
    option: str = "--output",
) -> None:
    """Write the result to stdout, or atomically to a file that `option` names.

    Invisible characters are escaped, except our colour codes; JSON and SQL have escaped them in their own way before.
    A contract is `exact`: its own quotes have escaped them, and where nothing quotes, an escape would be other text. It
    is not an error if a reader closes the pipe early (`| head`).
    """
    CALLING.printed(text)
    text = text if exact else visible_page(text, colour=colour)
    if output is not None:
        (require_unread if exact else require_replaceable)(output, option)
        replace_file(output, text, option)
        return
    stdout = opened()
    STDOUT.used = True
    try:
        with aside():
            stdout.write(text)
            stdout.flush()
    except OSError as error:
        if refused := unwritable(error):
            raise refused from None

"""How an option that takes a web address is read."""

from __future__ import annotations

import re
from typing import Any

import typer

# No password, no query, and no character that would end a link of Markdown.
_DIRECTORY = r"(?ai)https?://[\w.-]+(?::\d+)?(?:/[\w.~%!$&'*+,;=:@-]+)*/?"


def web_address(value: Any) -> str:
    """Return the address of a directory on a web server; "" for none. Raises BadParameter, which ends in exit 2."""
    if value and not re.fullmatch(_DIRECTORY, str(value)):
        raise typer.BadParameter(
            "it is not the address of a directory on a web server, such as https://docs.example.org/sessionaudit."
        )
    return str(value)

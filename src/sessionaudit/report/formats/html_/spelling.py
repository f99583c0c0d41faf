"""Fill the templates: each text from outside is escaped, and what cannot be seen is spelled out."""

from __future__ import annotations

import base64
import hashlib
from pathlib import Path
from typing import TYPE_CHECKING, Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup, escape

from sessionaudit import __version__
from sessionaudit.core.visible import visible, visible_page
from sessionaudit.report.markdown_text import split_commands

if TYPE_CHECKING:
    from collections.abc import Mapping

_ROOM = Path(__file__).parent


def filled(template: str, content: Mapping[str, Any]) -> str:
    """Fill a template of this room; the text ends with a line break."""
    style, script = (Markup(_text(name)) for name in ("style.css", "script.js"))  # noqa: S704 - files of this room
    page = _environment().get_template(template)
    told = page.render(
        **content,
        version=__version__,
        style=style,
        script=script,
        style_hash=_hash(style),
        script_hash=_hash(script),
    )
    return f"{told.rstrip()}\n"


def _environment() -> Environment:
    made = Environment(
        loader=FileSystemLoader(_ROOM),
        autoescape=True,
        undefined=StrictUndefined,
        finalize=_seen,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    filters: dict[str, Any] = made.filters
    filters |= {"lines": _lines, "prose": _prose, "counted_in": _counted_in}
    return made


def _seen(value: Any) -> Any:
    return value if isinstance(value, Markup) else visible(str(value))


def _lines(text: str) -> Markup:
    """Spell a text that keeps its line breaks."""
    return escape(visible_page(text.expandtabs()))


def _prose(text: str) -> Markup:
    """Spell a paragraph, in which what is between backticks, as our commands are, is code."""
    parts = (
        Markup("<code>{}</code>").format(visible(part)) if is_command else escape(visible(part))
        for part, is_command in split_commands(" ".join(text.split()))
    )
    return Markup("").join(parts)


def _counted_in(number: int, noun: str) -> str:
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def _text(name: str) -> str:
    return (_ROOM / name).read_text(encoding="utf-8").strip()


def _hash(text: str) -> str:
    """Return by what the page's own policy knows its style and its script."""
    return f"sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}"

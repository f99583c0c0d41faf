"""Where the site of docs/ is published, so that what is said of a rule links to its page."""

from __future__ import annotations

import importlib.metadata
from functools import cache
from typing import TYPE_CHECKING
from urllib.parse import quote

if TYPE_CHECKING:
    from sessionaudit.core.finding import Rule
    from sessionaudit.report import Canvas

metadata = cache(importlib.metadata.metadata)  # is slow to read, and each finding of a page asks for it


def site(canvas: Canvas) -> str:
    """Return the address of the site without its last slash: that of the call, else of the package; "" for none."""
    return (canvas.documentation or _of_package()).rstrip("/")


def page_of(rule: Rule, canvas: Canvas) -> str:
    """Return the address of a rule's page; "" if no site is known."""
    base = site(canvas)
    return f"{base}/rules/{quote(rule.name, safe='')}.html" if base else ""


def in_markdown(rule: Rule, canvas: Canvas) -> str:
    """Return the code and the name of a rule, as a link of Markdown where its page has an address."""
    text, page = f"{rule.code} {rule.name}", page_of(rule, canvas)
    return f"[{text}]({page})" if page else text


def _of_package() -> str:
    named = (entry.partition(",") for entry in metadata("sessionaudit").get_all("Project-URL", ()))
    return next((address.strip() for label, _, address in named if label == "Documentation"), "")

"""Print the report as one HTML file, which needs no network and no script.

The page allows itself nothing but its own style and script, by their hashes: even a name that became markup could
neither run nor load anything.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sessionaudit.report.file_names import file_name
from sessionaudit.report.formats.html_.content import page_content
from sessionaudit.report.formats.html_.spelling import filled

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sessionaudit.core.report import Report
    from sessionaudit.report import Canvas


def render(report: Report, canvas: Canvas) -> str:
    """Render a report."""
    return filled("report.html.jinja", page_content(report, canvas)._asdict())


def render_error(error: Mapping[str, Any], canvas: Canvas) -> str:
    """Render an error in place of the report."""
    told = error["error"]
    place = told["location"]
    where = ""
    if place:
        where = file_name(place["file"], canvas.top) + (f":{place['line']}" if place["line"] else "")
    return filled("error.html.jinja", {"where": where, **told})

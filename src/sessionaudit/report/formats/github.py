"""Print the report as workflow commands of GitHub Actions, which become annotations of the files.

GitHub shows the first ten of each severity of a step, and drops the others without a word: the tenth tells of them.
"""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Any, NamedTuple

from sessionaudit.core.counting import counted
from sessionaudit.core.finding import Location, Severity
from sessionaudit.core.visible import visible_page
from sessionaudit.report.file_names import file_name
from sessionaudit.report.forest import forest, in_order
from sessionaudit.report.told import NOT_CHECKED, headline, lines_of, place_of, remarks
from sessionaudit.report.verdict import verdict

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from pathlib import Path

    from sessionaudit.core.finding import Finding
    from sessionaudit.core.report import Report
    from sessionaudit.report import Canvas

_COMMANDS = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.NOTE: "notice"}
_MOST = 10
_NAME = "sessionaudit"


class Annotation(NamedTuple):
    """A message on a place; `short` is what is said of it where there is no room for the message."""

    severity: Severity
    title: str
    text: str
    short: str
    place: Location | None = None


def render(report: Report, canvas: Canvas) -> str:
    """Render what is found, causes first, what was not checked, and the verdict."""
    said = [_of(finding, report) for finding in in_order(forest(report.findings))]
    said += [
        Annotation(one.severity, f"{_NAME}: not checked" if one.code == NOT_CHECKED else _NAME, one.text, one.text)
        for one in remarks(report)
    ]
    # Whoever reads the annotations alone must see whether there is something else: a verdict has its own place.
    ended = Annotation(Severity.NOTE, _NAME, verdict(report).sentence, "")
    grouped: dict[Severity, list[Annotation]] = defaultdict(list)
    for one in said:
        grouped[one.severity].append(one)
    room = {severity: _MOST - (severity is Severity.NOTE) for severity in Severity}
    lines = [
        _spelled(one, canvas.top)
        for severity in sorted(Severity, reverse=True)
        for one in _fitting(grouped[severity], severity, room[severity])
    ]
    return "\n".join([*lines, _spelled(ended, canvas.top)]) + "\n"


def render_error(error: Mapping[str, Any], canvas: Canvas) -> str:
    """Render an error as an annotation."""
    told = error["error"]
    place = told["location"]
    located = Location(place["file"], place["line"] or 0, place["column"] or 0) if place else None
    text = "\n".join(filter(None, (told["message"], told["hint"])))
    return _spelled(Annotation(Severity.ERROR, f"{_NAME} could not run", text, "", located), canvas.top) + "\n"


def _of(finding: Finding, report: Report) -> Annotation:
    title = f"{finding.rule.code} {finding.rule.name}"
    text = "\n".join(lines_of(finding, report))
    return Annotation(finding.severity, title, text, headline(finding), place_of(finding, report))


def _fitting(several: Sequence[Annotation], severity: Severity, most: int) -> Iterable[Annotation]:
    if len(several) <= most:
        return several
    kept, rest = several[: most - 1], several[most - 1 :]
    title = f"{_NAME}: {counted(len(rest), f'more {severity}')}"
    text = "\n".join(one.short for one in rest)
    return [*kept, Annotation(severity, title, text, "")]


def _spelled(one: Annotation, top: Path | None) -> str:
    properties: dict[str, object] = {}
    if one.place is not None:
        properties["file"] = file_name(one.place.file, top)
        if one.place.line:
            properties["line"] = one.place.line
        if one.place.line and one.place.column:
            properties["col"] = one.place.column
            if one.place.length:
                properties["endColumn"] = one.place.column + one.place.length
    properties["title"] = one.title
    listed = ",".join(f"{name}={_property(str(value))}" for name, value in properties.items())
    return f"::{_COMMANDS[one.severity]} {listed}::{_data(one.text)}"


def _data(text: str) -> str:
    """Escape a message as the runner takes it back; a line that begins with `::` would be a command of its own."""
    return visible_page(text).replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")

"""Gather what the page shows of one finding."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from sessionaudit.report.documentation import page_of
from sessionaudit.report.file_names import file_name
from sessionaudit.report.lines_apart import ACTUAL, EXPECTED, lines_apart
from sessionaudit.report.told import headline, identities, places_of, sides

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sessionaudit.core.finding import Finding, Location
    from sessionaudit.core.report import Report
    from sessionaudit.report import Canvas

_MARKS = {EXPECTED: "expected", ACTUAL: "actual"}


class CodeLine(NamedTuple):
    """A line of code: its number, and its text before, in and after the part that the finding is about."""

    number: int
    before: str
    marked: str
    after: str


class LinkedFinding(NamedTuple):
    """Another finding in a few words, and its anchor; "" where it is not on the page."""

    anchor: str
    headline: str


class ShownFinding(NamedTuple):
    """A finding as the page has it; `apart` are lines of two texts that differ, in place of the `sides`.

    `leads_to` counts what follows from it, `group` is the anchor of the findings on the same object, `page` the address
    of the rule's page; "" if it is not known.
    """

    finding: Finding
    anchor: str
    places: tuple[str, ...]
    why: str
    snippet: CodeLine | None
    sides: tuple[tuple[str, str], ...]
    apart: tuple[tuple[str, str, str], ...]
    whole: str
    causes: tuple[LinkedFinding, ...]
    leads_to: int
    group: str
    page: str


class FindingPage:
    """All findings of a report, with links from each to others."""

    def __init__(
        self, report: Report, following: Mapping[str, list[Finding]], groups: Mapping[int, str], canvas: Canvas
    ) -> None:
        self._report, self._following, self._groups, self._canvas = report, following, groups, canvas
        self._anchors = dict(zip(map(id, report.findings), identities(report.findings), strict=True))
        self._by_fingerprint = {one.fingerprint: f"f{one.fingerprint}" for one in report.findings}
        self._defined: set[str] = set()

    def shown(self) -> dict[int, ShownFinding]:
        """Return what is shown of each finding, by the identity of the object."""
        return {id(finding): self._shown(finding) for finding in self._report.findings}

    def _shown(self, finding: Finding) -> ShownFinding:
        apart = tuple(
            (mark, _MARKS.get(mark, ""), line)
            for mark, line in lines_apart(finding.printed or finding.expected or "", finding.actual or "")
        )
        place = finding.location
        return ShownFinding(
            finding=finding,
            anchor=f"f{self._anchors[id(finding)]}",
            places=tuple(dict.fromkeys(map(self._place, places_of(finding, self._report)))),
            why=self._report.worded(finding.rule.why),
            snippet=_code_line(place) if place and place.snippet else None,
            sides=() if apart else tuple(sides(finding)),
            apart=apart,
            whole=self._whole(finding),
            causes=self._causes(finding),
            leads_to=len(self._following.get(finding.fingerprint, ())),
            group=self._groups[id(finding)],
            page=page_of(finding.rule, self._canvas),
        )

    def _causes(self, finding: Finding) -> tuple[LinkedFinding, ...]:
        """Return the causes; of several on one object by one rule the first, as their words are the same."""
        found: dict[str, LinkedFinding] = {}
        for cause in map(self._linked, finding.because):
            found.setdefault(cause.headline, cause)
        return tuple(found.values())

    def _linked(self, other: Finding) -> LinkedFinding:
        return LinkedFinding(self._by_fingerprint.get(other.fingerprint, ""), headline(other))

    def _place(self, place: Location) -> str:
        name = file_name(place.file, self._canvas.top)
        return f"{name}:{place.line}" if place.line else name

    def _whole(self, finding: Finding) -> str:
        """Return the existing object's definition, if only a part of it has been shown, and once."""
        text = finding.definition
        if text is None or text in self._defined or text.endswith(f": {finding.actual}"):
            return ""
        if "\n" not in text and not finding.facet:  # of an object that should not exist it has been shown
            return ""
        self._defined.add(text)
        return text


def _code_line(place: Location) -> CodeLine:
    line = place.snippet.rstrip().expandtabs(1)
    start = max(place.column - 1 - place.before, 0)
    end = start + max(place.length, 1 if place.column else 0)
    return CodeLine(place.line, line[:start].lstrip() if start else "", line[start:end], line[end:])

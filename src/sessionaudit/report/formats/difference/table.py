"""Print what differs between two reports for people: what is new in full, what is gone in a line each."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sessionaudit.core.difference import FAILING, FindingChange
from sessionaudit.core.visible import visible
from sessionaudit.report.difference_sentences import TITLES, about_what, changed, remarks, verdict
from sessionaudit.report.page import Page, whole

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sessionaudit.core.difference import ChangedFinding, ReportDifference
    from sessionaudit.report import Canvas

_INDENT = 9
_IN_FULL = frozenset((*FAILING, FindingChange.UNSEEN))
_STYLES = {**dict.fromkeys(FAILING, "bad"), FindingChange.GONE: "good"}


def render(page: ReportDifference, canvas: Canvas) -> str:
    """Render the page; what is unchanged is listed with --verbose."""
    return whole(_DifferencePage(canvas).lines(page))


class _DifferencePage(Page):
    def lines(self, page: ReportDifference) -> Iterator[str]:
        for change in FindingChange:
            several = page.of(change)
            if several and (change is not FindingChange.UNCHANGED or self.canvas.verbose):
                yield self.paint(TITLES[change], _STYLES.get(change, "strong"))
                for one in several:
                    yield from self._finding(one)
                yield ""
        for remark in remarks(page):
            yield from self.wrapped(remark)
        yield from self.wrapped(verdict(page))

    def _finding(self, one: ChangedFinding) -> Iterator[str]:
        finding = one.finding
        severity, place = str(finding.severity), finding.location
        full = one.change in _IN_FULL or self.canvas.verbose
        rule, about = f"{finding.rule.code}  {finding.rule.name}", visible(about_what(finding, full=full))
        where = visible(str(place._replace(column=0))) if place else ""
        start = self.paint(f"{severity:>7}", severity) + "  "
        gap = self.width - _INDENT - len(f"{rule}  {about}") - len(where)
        if where and gap >= 2:
            yield start + self.paint(f"{rule}  {about}", "strong") + " " * gap + self.paint(where, "faint")
        else:
            yield start + self.paint(rule, "strong")
            yield from self.wrapped(about, _INDENT, "strong")
            yield from self.wrapped(where, _INDENT, "faint")
        if full:
            yield from self.wrapped(finding.message, _INDENT)
        yield from self.wrapped(changed(one), _INDENT)

"""Print the report as Markdown, for a comment on a pull request: the verdict, and the findings below their causes.

A comment of GitHub has at most 65,536 characters: details, then messages, then findings are left out, and counted.
"""

from __future__ import annotations

from enum import IntEnum
from typing import TYPE_CHECKING, Any, NamedTuple

from sessionaudit.core.counting import counted
from sessionaudit.core.finding import Severity
from sessionaudit.report.documentation import in_markdown
from sessionaudit.report.file_names import file_name
from sessionaudit.report.forest import Branch, forest
from sessionaudit.report.markdown_text import block, code, plain
from sessionaudit.report.told import (
    NOT_CHECKED,
    accepted_in,
    causes_of,
    headline,
    place_of,
    remarks,
    sides,
    waived_until,
)
from sessionaudit.report.tree import rolled_up
from sessionaudit.report.verdict import counts_by_audit, verdict, word

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from pathlib import Path

    from sessionaudit.core.finding import Finding, Location
    from sessionaudit.core.report import Report
    from sessionaudit.report import Canvas

_MARK = "<!-- sessionaudit -->"  # by which a step finds the comment that it is to replace
_MOST = 60_000
_COUNTS = (Severity.ERROR, Severity.WARNING, Severity.NOTE)


class Depth(IntEnum):
    """How much is said of each finding."""

    HEADLINES = 0
    MESSAGES = 1
    DETAILS = 2


class Item(NamedTuple):
    """A finding, how far below a root it is, that from which it follows there, and how much follows from it."""

    finding: Finding
    level: int
    parent: Finding | None
    counts: str = ""


def render(report: Report, canvas: Canvas) -> str:
    """Render a report, with as much of each finding as there is room for."""
    trees = forest(report.findings, report.unchecked)
    if canvas.flat:
        trees = tuple(Branch(finding, ()) for finding in report.findings)
    items = list(_items(trees, 0, None))
    after = _joined([*_remarks(report), *_waived(report), *_plans(report), *_next(report)])
    before = _joined(_head(report))
    room = _MOST - len(before) - len(after[:_MOST])
    found: list[str] = []
    for depth in sorted(Depth, reverse=True):
        found = _fitting((_joined(_item(one, depth, report, canvas)) for one in items), room)
        if len(found) == len(items):
            return "".join((before, *found, after[:_MOST]))
    more = counted(len(items) - len(found), "more finding")
    return "".join((before, *found, f"\nAnd {more}.\n", after[:_MOST]))


def render_error(error: Mapping[str, Any], canvas: Canvas) -> str:
    """Render an error in place of the verdict."""
    told = error["error"]
    place = told["location"]
    where = f"{code(_named(place['file'], place['line'] or 0, canvas.top))}: " if place else ""
    lines = [_MARK, "### sessionaudit: could not run", "", where + plain(told["message"])]
    return _joined([*lines, *(["", plain(told["hint"])] if told["hint"] else [])])


def _joined(lines: Iterable[str]) -> str:
    return "".join(f"{line}\n" for line in lines)


def _items(branches: Iterable[Branch], level: int, parent: Finding | None) -> Iterator[Item]:
    for branch in branches:
        yield Item(branch.finding, level, parent, "" if level else rolled_up(branch))
        yield from _items(branch.follows, level + 1, branch.finding)


def _fitting(items: Iterable[str], room: int) -> list[str]:
    """Return the first items, as many as there is room for."""
    kept: list[str] = []
    for item in items:
        room -= len(item)
        if room < 0:
            break
        kept.append(item)
    return kept


def _head(report: Report) -> Iterator[str]:
    yield _MARK
    yield f"### sessionaudit: {word(report)}"
    yield ""
    yield plain(" ".join([*filter(None, (outcome.told for outcome in report.outcomes)), verdict(report).sentence]))
    yield ""
    audits = counts_by_audit(report)
    if audits:
        yield "| audit | " + " | ".join(f"{severity}s" for severity in _COUNTS) + " | checked |"
        yield "|---|" + "---:|" * (len(_COUNTS) + 1)
    for one in audits:
        yield f"| {one.audit} | " + " | ".join(map(str, (*one.found, one.checked))) + " |"
    yield ""


def _item(one: Item, depth: Depth, report: Report, canvas: Canvas) -> Iterator[str]:
    finding, inner = one.finding, "  " * (one.level + 1)
    place = place_of(finding, report)
    where = f", {code(_placed(place, canvas.top))}" if place else ""
    named = f"{in_markdown(finding.rule, canvas)} of {code(str(finding.ref))}"
    yield f"{inner[:-2]}- **{finding.severity}** {named}{where}"
    if depth is Depth.HEADLINES:
        return
    yield ""
    yield inner + plain(" ".join(filter(None, (finding.message, one.counts))))
    above = headline(one.parent) if one.parent else ""
    for cause in causes_of(finding, report):
        if cause != above:
            yield ""
            yield f"{inner}Cause: {plain(cause)}"
    if depth is Depth.DETAILS:
        yield ""
        yield from (f"{inner}{line}".rstrip() for line in _details(finding, report))
    yield ""


def _details(finding: Finding, report: Report) -> Iterator[str]:
    lines = [plain(report.worded(finding.rule.why))]
    for name, value in sides(finding):
        lines += ["", f"{name}:", "", *block(value)] if "\n" in value else ["", f"{name}: {code(value)}"]
    if finding.statement:
        lines += ["", "judged:", "", *block(finding.statement, "sql")]
    yield from _folded("Details", lines)


def _folded(title: str, lines: Iterable[str]) -> Iterator[str]:
    """Fold lines away. The title is ours: it stands in HTML, where no backslash escapes."""
    yield f"<details><summary>{title}</summary>"
    yield ""
    yield from lines
    yield ""
    yield "</details>"


def _remarks(report: Report) -> Iterator[str]:
    said = list(remarks(report))
    for title, wanted in (("Not checked", True), ("Remarks", False)):
        if texts := [one.text for one in said if (one.code == NOT_CHECKED) is wanted]:
            yield ""
            yield f"**{title}**"
            yield ""
            yield from (f"- {plain(text)}" for text in texts)


def _waived(report: Report) -> Iterator[str]:
    if report.waived:
        yield ""
        lines = (f"- {plain(f'{headline(finding)}: {waived_until(waiver)}')}" for finding, waiver in report.waived)
        yield from _folded("Waived", lines)
    if report.accepted:
        yield ""
        accepted = (f"- {plain(f'{headline(finding)}, {accepted_in(entry)}')}" for finding, entry in report.accepted)
        yield from _folded("Accepted by the baseline", accepted)


def _plans(report: Report) -> Iterator[str]:
    for name, plan in report.plans.items():
        yield ""
        yield from _folded("Query plan", [f"How PostgreSQL would count {code(name)}:", "", *block(plan)])


def _next(report: Report) -> Iterator[str]:
    if report.next:
        yield ""
        yield "Next:"
        yield ""
        yield from block("\n".join(report.next), "sh")
    for step in report.by_hand:
        yield ""
        yield f"{plain(step.before)}: {code(step.command)}"


def _placed(place: Location, top: Path | None) -> str:
    return _named(place.file, place.line, top)


def _named(file: str, line: int, top: Path | None) -> str:
    name = file_name(file, top)
    return f"{name}:{line}" if line else name

"""Print the checklist of the contract as a task list of Markdown, for an issue, a pull request or a document."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from sessionaudit.core.checklist import PointState
from sessionaudit.report.checklist_sentences import (
    MOST_SHOWN,
    accepted,
    causes,
    object_of,
    place_of,
    reasons,
    unmentioned,
    verdict,
)
from sessionaudit.report.markdown_text import code, plain

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sessionaudit.core.checklist import ProofResult, ProvenPoint
    from sessionaudit.core.finding import Finding
    from sessionaudit.core.report import Report
    from sessionaudit.report import Canvas

_CODE = re.compile(r"`([^`]+)`")


def render(report: Report, _canvas: Canvas) -> str:
    """Render the checklist of a report."""
    return "\n".join(_lines(report)) + "\n"


def _lines(report: Report) -> Iterator[str]:
    start, _, where = verdict(report)
    yield from ("## Checklist", "", f"{plain(start)} {plain(where)}.", "")
    for point in report.checklist:
        yield from _point(point)
    others = [_text(sentence) for sentence in unmentioned(report)]
    if others:
        yield from ("", *others)
    if report.next:
        yield ""
        yield from (f"- Next: {code(line)}" for line in report.next)


def _point(one: ProvenPoint) -> Iterator[str]:
    mark = "x" if one.state is PointState.TICKED else " "
    yield f"- [{mark}] {_text(one.point.sentence)}"
    for result in one.results:
        if result.state is not PointState.TICKED:
            yield from _result(result)


def _result(result: ProofResult) -> Iterator[str]:
    yield f"  - **{result.state}**: {code(result.proof.text)}"
    for finding in result.findings[:MOST_SHOWN]:
        said = " ".join((finding.message, *causes(finding)))
        yield f"    - {_headline(finding, result)}: {_text(said)}"
    if len(result.findings) > MOST_SHOWN:
        yield f"    - and {len(result.findings) - MOST_SHOWN:,} more"
    for sentence in reasons(result):
        yield f"    - {_text(sentence)}"
    for finding, waiver in result.waived:
        yield f"    - {_headline(finding, result)}, {_text(accepted(waiver))}"


def _headline(finding: Finding, result: ProofResult) -> str:
    about = f" of {code(name)}" if (name := object_of(finding, result)) else ""
    at = f", {code(place)}" if (place := place_of(finding)) else ""
    return f"{finding.rule.code} {finding.rule.name}{about}{at}"


def _text(text: str) -> str:
    """Spell a text, in which what stands between backticks is code; where they do not pair, they are characters."""
    if "``" in text or text.count("`") % 2:
        return plain(text)
    parts = _CODE.split(text)
    return "".join(code(part) if place % 2 else _kept(part) for place, part in enumerate(parts))


def _kept(part: str) -> str:
    """Spell a part of a paragraph with the blanks around it."""
    if not part.strip():
        return " " if part else ""
    start, end = part[0].isspace(), part[-1].isspace()
    return f"{' ' * start}{plain(part.strip())}{' ' * end}"

"""Hold every count on the pages of a report against its JSON."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any
from xml.etree import ElementTree as ET

from sessionaudit.report import Canvas
from sessionaudit.report.formats import FORMATS

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sessionaudit.core.report import Report

SEVERITIES = ("error", "warning", "note")
_BY_NAME = {one.name: one for one in FORMATS}


def agree(report: Report) -> None:
    """Fail where a page says another number than the JSON."""
    told = json.loads(printed(report, "json"))
    summary = told["summary"]
    found = len(told["findings"])
    assert sum(summary[severity] for severity in SEVERITIES) == found
    verdict = [f"{counted(summary[one], one)}" for one in SEVERITIES if summary[one]]
    verdict += [f"{counted(summary['skipped'], 'part')} not checked"] if summary["skipped"] else []
    said = [", ".join(verdict), explained(told)]
    said += [f"{counted(len(told['undecided']), 'part')} not known"] if told.get("undecided") else []
    said += [counted(number, noun) for noun, number in totals(told).items() if number]
    said += [sentence for one in report.outcomes if (sentence := one.told)]
    for name in ("table", "markdown", "html"):
        page = bare(printed(report, name))
        assert [text for text in said if bare(text) not in page] == [], name
    tallies = [count for line in printed(report, "table").splitlines() for count in tally(line)]
    assert {one: sum(n for noun, n in tallies if noun == one) for one in SEVERITIES} == {
        one: summary[one] for one in SEVERITIES
    }
    rows = re.findall(r"^\| (\w+) \|((?: \d+ \|){3}) (\d+)", printed(report, "markdown"), re.MULTILINE)
    assert {audit: int(checked) for audit, _, checked in rows} == {
        one["audit"]: sum(one["checked"].values()) for one in told["audits"] if sum(one["checked"].values())
    }
    each = [[int(number) for number in numbers.split("|")[:3]] for _, numbers, _ in rows]
    assert [sum(numbers) for numbers in zip(*each, strict=True)] == [summary[one] for one in SEVERITIES]
    assert len(json.loads(printed(report, "sarif"))["runs"][0]["results"]) - summary["waived"] == found
    metrics = dict(re.findall(r"^(sessionaudit_\w+)\{[^}]*\} (\d+)$", printed(report, "openmetrics"), re.MULTILINE))
    assert int(metrics["sessionaudit_not_checked"]) == summary["skipped"]
    assert int(metrics["sessionaudit_not_known"]) == len(told.get("undecided", ()))
    skipped = ET.fromstring(printed(report, "junit")).get("skipped")
    unsaid = {(one.audit, ref) for one in report.outcomes for some in one.unsaid for ref in some.about}
    unsaid -= {(one.audit, one.ref) for one in report.findings}
    assert skipped == str(summary["skipped"] + len(told.get("undecided", ())) + summary["waived"] + len(unsaid))


def explained(told: dict[str, Any]) -> str:
    """What the trees of the JSON come to, in the words of the pages."""
    causes = [tree for tree in told.get("forest", ()) if len(tree) > 1]
    below = [branch for tree in causes for branch in every(tree)]
    parts = sum(len(branch.get("unchecked", ())) for branch in below)
    follow = len(below) - len(causes)
    why = f"why {counted(parts, 'part')} {'is' if parts == 1 else 'are'} not checked" if parts else ""
    of_all = f"{follow} of {counted(len(told['findings']), 'finding')}" if follow else ""
    verb = "explains" if len(causes) == 1 else "explain"
    return f"{counted(len(causes), 'cause')} {verb} {', and '.join(filter(None, (of_all, why)))}" if causes else ""


def every(tree: dict[str, Any]) -> Iterable[dict[str, Any]]:
    yield tree
    for branch in tree.get("follows", ()):
        yield from every(branch)


def totals(told: dict[str, Any]) -> dict[str, int]:
    """How much was checked, by the noun of each audit."""
    return {one["noun"]: sum(one["checked"].values()) for one in told["audits"]}


def tally(line: str) -> list[tuple[str, int]]:
    """The counts at the end of a heading."""
    ends = re.search(r"(?:^|  )((?:[\d,]+ (?:error|warning|note)s?(?:, )?)+)$", line)
    counts = re.findall(r"([\d,]+) (error|warning|note)", ends[1]) if ends else []
    return [(noun, int(number.replace(",", ""))) for number, noun in counts]


def printed(report: Report, name: str) -> str:
    return _BY_NAME[name].render(report, Canvas(140))


def bare(page: str) -> str:
    """A page without what stands between its words."""
    return re.sub(r"<[^>]*>|[\s`\\]", "", page)


def counted(number: int, noun: str) -> str:
    return f"{number:,} {noun}{'' if number == 1 else 's'}"

"""Print the report as JUnit's XML, which Jenkins, GitLab and others read.

An audit is a suite, and an object is a case. It passes only if it was really examined, and all that was found is said.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple
from xml.etree.ElementTree import Element, SubElement, indent, tostring

from sessionaudit.core.counting import counted
from sessionaudit.core.visible import visible, visible_page
from sessionaudit.report.told import accepted_in, headline, lines_of, place_of, sentences, waived_until
from sessionaudit.report.verdict import verdict

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from sessionaudit.core.finding import Finding, Skipped
    from sessionaudit.core.ref import ObjectRef
    from sessionaudit.core.report import Outcome, Report
    from sessionaudit.report import Canvas

_NAME = "sessionaudit"


class ReportedCase(NamedTuple):
    """A case: why it failed or was left out, and what else is said of it."""

    kind: str
    name: str
    failed: tuple[Finding, ...] = ()
    skipped: str = ""
    told: tuple[Finding, ...] = ()


def render(report: Report, _canvas: Canvas) -> str:
    """Render a report as suites. A finding below what fails the call is text of a case that passes."""
    top = Element("testsuites", name=_NAME)
    outcomes = {outcome.audit: outcome for outcome in report.outcomes}
    for audit in dict.fromkeys([*outcomes, *(finding.audit for finding in report.findings)]):
        cases = list(_cases(audit, outcomes.get(audit), report))
        if cases:
            _suite(top, audit, cases, report)
    _sum(top, report.seconds)
    if not len(top):  # nothing was asked for, or named: a list of no suites is an error to Jenkins
        _suite(top, _NAME, [ReportedCase(_NAME, "check", skipped=verdict(report).sentence)], report)
        _sum(top, report.seconds)
    return _spelled(top)


def render_error(error: Mapping[str, Any], _canvas: Canvas) -> str:
    """Render an error as a suite whose only case has it."""
    told = error["error"]
    top = Element("testsuites", name=_NAME, tests="1", failures="0", errors="1", skipped="0")
    suite = SubElement(top, "testsuite", name=_NAME, tests="1", failures="0", errors="1", skipped="0")
    case = SubElement(suite, "testcase", classname=_NAME, name="check")
    place = told["location"]
    where = f"{place['file']}:{place['line'] or 1}: " if place else ""
    said = SubElement(case, "error", type=told["kind"], message=visible(where + told["message"]))
    said.text = visible_page("\n".join(filter(None, (where + told["message"], told["hint"]))))
    return _spelled(top)


def _cases(audit: str, outcome: Outcome | None, report: Report) -> Iterator[ReportedCase]:
    found: dict[ObjectRef, list[Finding]] = {}
    for finding in report.findings:
        if finding.audit == audit:
            found.setdefault(finding.ref, []).append(finding)
    waived = {
        finding.ref: f"accepted: {headline(finding)}: {waived_until(waiver)}"
        for finding, waiver in report.waived
        if finding.audit == audit
    }
    waived |= {
        finding.ref: f"{headline(finding)}: {accepted_in(entry)}"
        for finding, entry in report.accepted
        if finding.audit == audit
    }
    examined, left = (outcome.looked_at(), outcome.skipped) if outcome else ((), ())
    # A case keeps its name from run to run, whether it passes or is skipped.
    skipped = {ref: _why(one) for one in left for ref in one.about if ref.path}
    skipped |= {ref: sentences(some.why) for some in (outcome.unsaid if outcome else ()) for ref in some.about}
    known = {*found, *waived, *skipped}
    # What is only found in a part of a file, by the calls in it, has cases of its own.
    whole = {(ref.kind, ref.path[:size]) for ref in known for size in range(1, len(ref.path))}
    passed = [ref for ref in examined if ref not in whole]
    for ref in dict.fromkeys((*passed, *found, *waived, *skipped)):
        yield _case(ref, found.get(ref, ()), skipped.get(ref, ""), waived.get(ref, ""), report)
    for one in left:
        if not any(ref.path for ref in one.about):
            yield ReportedCase("not checked", one.what, skipped=_why(one))
    for one in outcome.undecided if outcome else ():
        yield ReportedCase("not known", one.what, skipped=_why(one))
    if outcome and outcome.total and not (passed or known or left):  # it does not tell what it looked at
        yield ReportedCase(outcome.noun, counted(outcome.total, outcome.noun))


def _case(ref: ObjectRef, found: Sequence[Finding], skipped: str, waived: str, report: Report) -> ReportedCase:
    failed = tuple(one for one in found if report.failing is not None and one.severity >= report.failing)
    barred = next((_why(one.barred) for one in found if one.barred), "")
    skipped = "" if failed else barred or skipped or ("" if found else waived)
    told = tuple(one for one in found if one not in failed)
    return ReportedCase(ref.kind.replace("_", " "), ref.dotted.strip(), failed, skipped, told)


def _why(one: Skipped) -> str:
    return sentences(one.reason, one.hint)


def _suite(top: Element, audit: str, cases: Sequence[ReportedCase], report: Report) -> None:
    suite = SubElement(top, "testsuite", name=audit)
    if report.began:
        suite.set("timestamp", report.began.strftime("%Y-%m-%dT%H:%M:%S"))
    properties = SubElement(suite, "properties")
    for name, value in (("database", str(report.database or "")), ("contract", report.contract)):
        SubElement(properties, "property", name=name, value=visible(value))
    for one in cases:
        case = SubElement(suite, "testcase", classname=f"{audit}.{one.kind}", name=visible(one.name))
        if one.failed:
            first, *more = one.failed
            title = headline(first) + (f", and {len(more)} more" if more else "")
            failure = SubElement(case, "failure", type=first.rule.name, message=visible(title))
            failure.text = _text(one.failed, report)
        elif one.skipped:
            SubElement(case, "skipped", message=visible(one.skipped))
        if one.told:
            SubElement(case, "system-out").text = _text(one.told, report)
    said = [text for one in report.outcomes if one.audit == audit for text in (one.told, *one.notes) if text]
    if said:
        SubElement(suite, "system-out").text = visible_page("\n".join(map(sentences, said)))
    cases_of = suite.findall("testcase")
    suite.attrib |= {
        "tests": str(len(cases_of)),
        "failures": str(sum(case.find("failure") is not None for case in cases_of)),
        "errors": "0",
        "skipped": str(sum(case.find("skipped") is not None for case in cases_of)),
    }


def _text(findings: Sequence[Finding], report: Report) -> str:
    said: list[str] = []
    for finding in findings:
        place = place_of(finding, report)
        lines = [
            f"{finding.severity}: {headline(finding)}",
            *([str(place)] if place else []),
            *lines_of(finding, report),
        ]
        said.append("\n".join(lines))
    return visible_page("\n\n".join(said))


def _sum(top: Element, seconds: float) -> None:
    for name in ("tests", "failures", "errors", "skipped"):
        top.set(name, str(sum(int(suite.get(name, "0")) for suite in top)))
    if seconds:
        top.set("time", f"{seconds:.3f}")


def _spelled(top: Element) -> str:
    indent(top)
    return f"<?xml version='1.0' encoding='UTF-8'?>\n{tostring(top, encoding='unicode')}\n"

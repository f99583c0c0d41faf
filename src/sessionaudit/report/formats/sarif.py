"""Print the report as SARIF 2.1.0, which GitHub code scanning, Azure DevOps and editors read.

A report of which a part was not checked is no successful run: GitHub would take the findings that are not in it for
fixed. Section numbers are those of the standard (OASIS, SARIF Version 2.1.0).
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from sessionaudit import __version__
from sessionaudit.core.finding import Location, Severity
from sessionaudit.core.visible import spelled_json, visible, visible_page
from sessionaudit.report.documentation import page_of, site
from sessionaudit.report.file_names import file_name
from sessionaudit.report.markdown_text import sentence
from sessionaudit.report.rules import remedy, to_change, to_waive
from sessionaudit.report.told import (
    CODES,
    accepted_in,
    causes_of,
    identities,
    places_of,
    remarks,
    sides,
    waived_until,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from pathlib import Path

    from sessionaudit.core.finding import Finding, Rule
    from sessionaudit.core.report import Report
    from sessionaudit.report import Canvas

_SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"
_ROOT = "%SRCROOT%"  # the name that GitHub knows
_ERROR = "error"
_LINK_TEXT = re.compile(r"[\[\]\\]")
_LINK = re.compile(r"\]\(")


def render(report: Report, canvas: Canvas) -> str:
    """Render a report as SARIF; what a waiver or a baseline accepts is a suppressed result."""
    waived = [(finding, _suppression(waived_until(one), one.location, canvas.top)) for finding, one in report.waived]
    known = [(finding, _suppression(accepted_in(one), one.location, canvas.top)) for finding, one in report.accepted]
    accepted = dict(enumerate((*waived, *known), len(report.findings)))
    findings = (*report.findings, *(finding for finding, _ in accepted.values()))
    rules = list(dict.fromkeys(finding.rule for finding in findings))
    results = [
        _result(finding, identity, rules, report, canvas.top)
        for finding, identity in zip(findings, identities(findings), strict=True)
    ]
    for place, (_, suppression) in accepted.items():
        results[place]["suppressions"] = [suppression]
    notifications = [_notification(one.code, _level(one.severity), one.text) for one in remarks(report)]
    invocation: dict[str, Any] = {"executionSuccessful": not report.unchecked}
    if report.began is not None:
        invocation["startTimeUtc"] = report.began.strftime("%Y-%m-%dT%H:%M:%SZ")
    invocation["toolExecutionNotifications"] = notifications
    return _log([_rule(rule, canvas) for rule in rules], invocation, results, canvas)


def render_error(error: Mapping[str, Any], canvas: Canvas) -> str:
    """Render an error as a run that did not succeed, and says so."""
    told = error["error"]
    place = told["location"]
    located = Location(place["file"], place["line"] or 0, place["column"] or 0) if place else None
    text = f"{told['message']} {told['hint']}".strip()
    notification = _notification(_ERROR, "error", text, _physical(located, canvas.top))
    invocation = {
        "executionSuccessful": False,
        "exitCode": told["exit_code"],
        "toolExecutionNotifications": [notification],
    }
    return _log([], invocation, [], canvas)


def _log(rules: Sequence[Any], invocation: Mapping[str, Any], results: Sequence[Any], canvas: Canvas) -> str:
    codes = {**CODES, _ERROR: "The audit could not run."}
    driver = {
        "name": "sessionaudit",
        "version": __version__,
        **({"informationUri": address} if (address := site(canvas)) else {}),
        "rules": rules,
        "notifications": [
            {"id": code, **{part: {"text": text} for part in ("shortDescription", "fullDescription", "help")}}
            for code, text in codes.items()
        ],
    }
    run = {
        "tool": {"driver": driver},
        "invocations": [invocation],
        "originalUriBaseIds": {_ROOT: {"description": {"text": "The directory of the repository."}}},
        "columnKind": "unicodeCodePoints",
        "results": results,
    }
    return spelled_json({"$schema": _SCHEMA, "version": "2.1.0", "runs": [run]}) + "\n"


def _rule(rule: Rule, canvas: Canvas) -> dict[str, Any]:
    summary, why, fix = rule.summary, rule.why, remedy(rule)
    more = f"`sessionaudit rule {rule.name}` shows an example."
    ways = (("To change its severity, or to switch it off:", to_change(rule)), ("To accept it:", to_waive(rule)))
    text = "\n\n".join((summary, why, fix, *(f"{how}\n\n{block}" for how, block in ways), more))
    told = ("**Why it matters**", sentence(why), "**Fix**", sentence(fix))
    spelled = "\n\n".join((sentence(summary), *told, *(f"{how}\n\n```yaml\n{block}\n```" for how, block in ways), more))
    address = page_of(rule, canvas)
    return {
        "id": rule.code,
        "name": rule.name,
        "shortDescription": {"text": summary},
        "fullDescription": {"text": why},
        "help": {"text": text, "markdown": spelled},
        **({"helpUri": address} if address else {}),
        "defaultConfiguration": {"level": _level(rule.severity)},
    }


def _result(finding: Finding, identity: str, rules: Sequence[Rule], report: Report, top: Path | None) -> dict[str, Any]:
    first, *others = places_of(finding, report) or (None,)
    causes = [(place, cause) for cause, place in causes_of(finding, report).items()]
    known = {place for place, _ in causes}
    related = [(place, "also here") for place in others if place not in known]
    numbered = [*causes, *related]
    lines = [_plain(finding.message), *(_plain(f"{name}: {value}") for name, value in sides(finding))]
    for number, (place, text) in enumerate(causes):
        linked = _LINK_TEXT.sub(_escaped, visible_page(text))
        lines.append(f"cause: [{linked}]({number})" if place else _plain(f"cause: {text}"))
    return {
        "ruleId": finding.rule.code,
        "ruleIndex": rules.index(finding.rule),
        "level": _level(finding.severity),
        "message": {"text": "\n".join(lines)},
        "locations": [{**_physical(first, top), "logicalLocations": [_logical(finding)]}],
        **({"relatedLocations": _related(numbered, top)} if numbered else {}),
        # The first is that by which GitHub knows an alert again; its own is made of the lines around.
        "partialFingerprints": {"primaryLocationLineHash": f"{identity}:1", "sessionaudit/v1": identity},
        "properties": {
            "audit": finding.audit,
            "object": str(finding.ref),
            "facet": finding.facet,
            **dict(sides(finding)),
            **({"judged": finding.statement} if finding.statement else {}),
        },
    }


def _related(numbered: Iterable[tuple[Location | None, str]], top: Path | None) -> list[dict[str, Any]]:
    return [
        {"id": number, **_physical(place, top), "message": {"text": _plain(text)}}
        for number, (place, text) in enumerate(numbered)
    ]


def _suppression(why: str, place: Location, top: Path | None) -> dict[str, Any]:
    where = _physical(place, top)
    return {
        "kind": "external",
        "status": "accepted",
        "justification": visible_page(why),
        **({"location": where} if where else {}),
    }


def _notification(code: str, level: str, text: str, where: Mapping[str, Any] | None = None) -> dict[str, Any]:
    return {
        "descriptor": {"id": code, "index": [*CODES, _ERROR].index(code)},
        "level": level,
        "message": {"text": _plain(text)},
        **({"locations": [where]} if where else {}),
    }


def _logical(finding: Finding) -> dict[str, Any]:
    kind = finding.ref.kind.replace("_", " ")
    return {
        "name": visible(finding.ref.name.strip()),
        "fullyQualifiedName": visible(finding.ref.dotted),
        "kind": kind,
    }


def _physical(place: Location | None, top: Path | None) -> dict[str, Any]:
    if place is None:
        return {}
    name = file_name(place.file, top)
    elsewhere = name.startswith("/")
    uri = quote(name, errors="surrogateescape")
    artifact = {"uri": f"file://{uri}"} if elsewhere else {"uri": uri, "uriBaseId": _ROOT}
    region = _region(place)
    return {"physicalLocation": {"artifactLocation": artifact, **({"region": region} if region else {})}}


def _region(place: Location) -> dict[str, Any]:
    if not place.line:
        return {}
    region: dict[str, Any] = {"startLine": place.line}
    if place.column:
        region["startColumn"] = place.column
        if place.snippet and place.length:
            start = place.column - 1
            region["endColumn"] = place.column + place.length
            region["snippet"] = {"text": place.snippet[start : start + place.length]}
    return region


def _plain(text: str) -> str:
    """Keep a text from being read as a link (3.11.6), and from reordering what a viewer shows beside it.

    Braces stay single, as no consumer expects two (3.11.5).
    """
    return _LINK.sub("] (", visible_page(text))


def _escaped(match: re.Match[str]) -> str:
    return f"\\{match[0]}"


def _level(severity: Severity) -> str:
    return str(severity)

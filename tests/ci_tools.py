"""What reads the formats for programs: libraries where there are some, and the rules that the tools publish."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, NamedTuple

from markdown_it import MarkdownIt

if TYPE_CHECKING:
    from collections.abc import Iterator

    from markdown_it.token import Token

# What GitHub shows of each severity in a step.
MOST_ANNOTATIONS = 10
_COMMAND = re.compile(r"::(?P<name>error|warning|notice) (?P<properties>[^\n]*?)::(?P<data>[^\n]*)")


class Annotated(NamedTuple):
    """A workflow command as GitHub's runner reads it."""

    name: str
    properties: dict[str, str]
    text: str


def read_annotations(text: str) -> list[Annotated]:
    """Read workflow commands: a line each, escaped as in the runner's `ActionCommand`."""
    return [_annotation(line) for line in text.splitlines()]


def _annotation(line: str) -> Annotated:
    match = _COMMAND.fullmatch(line)
    assert match is not None, line
    pairs = (pair.partition("=") for pair in match["properties"].split(","))
    return Annotated(
        match["name"],
        {name: _unescaped(value, "%3A:", "%2C,") for name, _, value in pairs},
        _unescaped(match["data"]),
    )


def _unescaped(text: str, *more: str) -> str:
    for escaped in ("%0D\r", "%0A\n", *more, "%25%"):
        text = text.replace(escaped[:3], escaped[3:])
    return text


# The properties of SARIF 2.1.0 that a report uses, by the objects of the standard, which requires those with a star.
SARIF_FIELDS = {
    "sarifLog": "$schema version* runs*",
    "run": "tool* invocations originalUriBaseIds columnKind results",
    "tool": "driver*",
    "toolComponent": "name* version informationUri rules notifications",
    "reportingDescriptor": "id* name shortDescription fullDescription help helpUri defaultConfiguration",
    "reportingConfiguration": "level",
    "multiformatMessageString": "text* markdown",
    "message": "text",
    "invocation": "executionSuccessful* startTimeUtc exitCode toolExecutionNotifications",
    "notification": "descriptor level message* locations",
    "reportingDescriptorReference": "id index",
    "result": "ruleId ruleIndex level message* locations relatedLocations partialFingerprints suppressions properties",
    "location": "id physicalLocation logicalLocations message",
    "physicalLocation": "artifactLocation region",
    "artifactLocation": "uri uriBaseId description",
    "region": "startLine startColumn endColumn snippet",
    "artifactContent": "text",
    "logicalLocation": "name fullyQualifiedName kind",
    "suppression": "kind* status justification location",
}
# Of which object each property is, where it is one or a list of them.
SARIF_PARTS = {
    "runs": "run",
    "tool": "tool",
    "driver": "toolComponent",
    "rules": "reportingDescriptor",
    "notifications": "reportingDescriptor",
    "defaultConfiguration": "reportingConfiguration",
    "shortDescription": "multiformatMessageString",
    "fullDescription": "multiformatMessageString",
    "help": "multiformatMessageString",
    "invocations": "invocation",
    "toolExecutionNotifications": "notification",
    "descriptor": "reportingDescriptorReference",
    "results": "result",
    "message": "message",
    "description": "message",
    "locations": "location",
    "relatedLocations": "location",
    "location": "location",
    "physicalLocation": "physicalLocation",
    "artifactLocation": "artifactLocation",
    "region": "region",
    "snippet": "artifactContent",
    "logicalLocations": "logicalLocation",
    "suppressions": "suppression",
}


def sarif_mistakes(value: dict[str, Any], kind: str = "sarifLog", at: str = "$") -> Iterator[str]:
    """Where a log has a property that the standard does not know, or lacks one that it requires."""
    known = {field.rstrip("*"): field.endswith("*") for field in SARIF_FIELDS[kind].split()}
    yield from (f"{at}.{name} is unknown" for name in value.keys() - known.keys())
    yield from (f"{at}.{name} is missing" for name, needed in known.items() if needed and name not in value)
    for name, part in value.items():
        for place, one in enumerate(part if isinstance(part, list) else [part]):
            if name in SARIF_PARTS:
                yield from sarif_mistakes(one, SARIF_PARTS[name], f"{at}.{name}[{place}]")


def markdown_tokens(text: str) -> list[Token]:
    """Parse Markdown as CommonMark, with tables; those in lines stand beside the others."""
    parsed = MarkdownIt("commonmark").enable("table").parse(text)
    return [one for token in parsed for one in (token, *(token.children or ()))]

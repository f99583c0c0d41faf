"""Each format for programs is read by a program that is made for it: nothing is lost, nothing is clean by mistake."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections import Counter
from email.message import Message
from typing import TYPE_CHECKING, Any
from xml.etree import ElementTree as ET

import jsonschema
import pytest
from junitparser import Error, Failure, JUnitXml
from junitparser import Skipped as SkippedCase
from msgspec.structs import replace
from prometheus_client import openmetrics, parser
from prometheus_client.openmetrics import parser as openmetrics_parser

from ci_tools import (
    MOST_ANNOTATIONS,
    SARIF_FIELDS,
    SARIF_PARTS,
    markdown_tokens,
    read_annotations,
    sarif_mistakes,
)
from consumers import lacking, npm_package, told_by_node
from reported import CLEAN, DRIFTED, HOSTILE, KNOWN, LINKED, finding, report
from sessionaudit.core.finding import Location, Severity, Skipped
from sessionaudit.core.visible import visible, visible_page
from sessionaudit.report import Canvas, documentation
from sessionaudit.report.errors import error_object
from sessionaudit.report.forest import forest
from sessionaudit.report.formats import FORMATS

if TYPE_CHECKING:
    from pathlib import Path

    from sessionaudit.core.report import Report

BY_NAME = {one.name: one for one in FORMATS}
TOLD = {"drifted": DRIFTED, "clean": CLEAN, "linked": LINKED}
UNCHECKED = report(skipped=(Skipped("policies", "no right to read", "grant …"),))
ERROR = error_object(
    "contract", "It is wrong\x1b[2J ]]> ::x", 2, "Do `this` %0A.", {"file": "a b.yaml", "line": 2, "column": 3}
)
MULTITOOL = ("@microsoft/sarif-multitool-linux", "5.7.0")
ACTIONS = ("@actions/core", "3.0.1")


def spelled(name: str, told: Report) -> str:
    return BY_NAME[name].render(told, Canvas())


@pytest.mark.parametrize("kind", TOLD)
def test_junit_is_what_was_found(kind: str) -> None:
    told = TOLD[kind]
    read = JUnitXml.fromstring(spelled("junit", told).encode())
    cases = [(suite.name, case) for suite in read for case in suite]
    for suite in read:
        own = [case for name, case in cases if name == suite.name]
        kinds = Counter(type(result) for case in own for result in case.result)
        assert (suite.tests, suite.failures, suite.skipped, suite.errors) == (
            *(len(own), kinds[Failure]),
            *(kinds[SkippedCase], 0),
        )
    assert (read.tests, read.failures, read.skipped) == tuple(
        sum(getattr(suite, name) for suite in read) for name in ("tests", "failures", "skipped")
    )
    failed = {finding.ref for finding in told.findings if finding.severity is Severity.ERROR}
    assert read.failures == len(failed)
    names = Counter((suite, case.classname, case.name) for suite, case in cases)
    assert max(names.values()) == 1, "a tool holds two cases of one name for one"


def test_a_case_of_junit_passes_only_if_the_object_was_looked_at() -> None:
    read = JUnitXml.fromstring(spelled("junit", LINKED).encode())
    passed = {f"{case.classname} {case.name}" for suite in read for case in suite if not case.result}
    low = {"schema.column public.sessions." + visible(LINKED.findings[-1].ref.name)}
    assert passed == {"schema.table public.sessions", "schema.column public.sessions.id", 'code.call "src/b.ts"'} | low
    skipped = {case.name for suite in read for case in suite for one in case.result if isinstance(one, SkippedCase)}
    assert {"a", "b", "the sizes", "public.sessions.positive", "public.sessions.status", "src/b.ts:9"} <= skipped
    strict = JUnitXml.fromstring(spelled("junit", replace(LINKED, failing=Severity.NOTE)).encode())
    lenient = JUnitXml.fromstring(spelled("junit", replace(LINKED, failing=None)).encode())
    assert (strict.failures, lenient.failures) == (5, 0)


@pytest.mark.parametrize("kind", TOLD)
def test_openmetrics_count_what_was_found(kind: str) -> None:
    told = TOLD[kind]
    text = spelled("openmetrics", told)
    families = {one.name: one for one in openmetrics_parser.text_string_to_metric_families(text)}
    found = families["sessionaudit_findings"].samples
    assert sum(sample.value for sample in found) == len(told.findings)
    for sample in found:
        assert sample.labels["database"] == "shop"
        severity = Severity[sample.labels["severity"].upper()]
        assert sample.value == sum(
            one.severity is severity and one.audit == sample.labels["audit"] for one in told.findings
        )
    # The textfile collector of node_exporter reads the older form, which takes these lines for comments.
    older = {one.name: one.samples for one in parser.text_string_to_metric_families(text)}
    assert {name: family.samples for name, family in families.items()} == older


def test_openmetrics_claim_nothing_that_is_not_known() -> None:
    def in_sync(told: Report) -> list[float]:
        families = openmetrics_parser.text_string_to_metric_families(spelled("openmetrics", told))
        return [sample.value for one in families if one.name == "sessionaudit_in_sync" for sample in one.samples]

    assert in_sync(CLEAN) == [1]
    assert in_sync(DRIFTED) == [0]
    assert in_sync(UNCHECKED) == []
    assert (
        in_sync(replace(CLEAN, filtered=True))
        == in_sync(replace(CLEAN, outcomes=(replace(CLEAN.outcomes[0], whole=False),)))
        == []
    )
    assert in_sync(replace(DRIFTED, filtered=True)) == [0]
    assert in_sync(replace(CLEAN, findings=(LINKED.findings[-1],))) == [1]
    assert in_sync(replace(CLEAN, findings=(LINKED.findings[-1],), failing=Severity.NOTE)) == [0]
    assert BY_NAME["openmetrics"].render_error(ERROR, Canvas()) == ""
    assert openmetrics.exposition.CONTENT_TYPE_LATEST.startswith("application/openmetrics-text")


@pytest.mark.parametrize("value", ['a"b\\n', "a\nb", "a\\"])
def test_a_label_is_what_it_says(value: str) -> None:
    told = replace(CLEAN, database=replace(CLEAN.where, name=value))
    (family, *_) = openmetrics_parser.text_string_to_metric_families(spelled("openmetrics", told))
    assert family.samples[0].labels["database"] == visible(value)


def test_annotations_keep_the_rule_of_ten() -> None:
    many = [finding("missing-column", "column", f"public/t/c{n}", "text", None, n + 1) for n in range(14)]
    notes = [finding("unexpected-column", "column", f"public/t/d{n}", None, "text") for n in range(10)]
    read = read_annotations(spelled("github", report(*many, *notes)))
    assert Counter(one.name for one in read) == {"error": 10, "notice": 10}
    assert read[9].properties == {"title": "sessionaudit: 5 more errors"}
    assert read[9].text.splitlines() == [f"SA201 missing-column of column public.t.c{n}" for n in range(9, 14)]
    assert read[18].properties["title"] == "sessionaudit: 2 more notes"
    assert read[19].text.startswith("14 errors, 10 notes in shop")
    exact = read_annotations(spelled("github", report(*many[:MOST_ANNOTATIONS])))
    assert [one.properties.get("line") for one in exact] == [*map(str, range(1, 11)), None]


@pytest.mark.parametrize("kind", TOLD)
def test_annotations_are_lines_of_commands(kind: str) -> None:
    told = TOLD[kind]
    read = read_annotations(spelled("github", told))
    assert max(Counter(one.name for one in read).values()) <= MOST_ANNOTATIONS
    said = "\n".join(one.text for one in read)
    for one in told.findings:
        assert visible_page(one.message) in said or f"{one.rule.code} {one.rule.name} of" in said
    for skipped in told.unchecked:
        assert skipped.reason in said


OF_ACTIONS = """\
import { readFileSync } from 'node:fs';
const { issueCommand } = await import(process.argv[2]);
for (const [name, properties, text] of JSON.parse(readFileSync(0, 'utf8'))) issueCommand(name, properties, text);
"""


@pytest.mark.thorough
def test_a_library_of_github_spells_the_same_lines(tmp_path: Path) -> None:
    """What we read of each line, its own toolkit would write as that very line."""
    lines = [*(spelled("github", told) for told in TOLD.values()), BY_NAME["github"].render_error(ERROR, Canvas())]
    (tmp_path / "issue.mjs").write_text(OF_ACTIONS, encoding="utf-8")
    command = (npm_package(*ACTIONS) / "lib" / "command.js").as_uri()
    read = json.dumps(read_annotations("".join(lines)))
    assert told_by_node(tmp_path / "issue.mjs", command, stdin=read) == "".join(lines)


def test_what_others_follow_from_is_annotated_first() -> None:
    titles = [one.properties["title"] for one in read_annotations(spelled("github", LINKED)) if one.name == "error"]
    assert titles == ["SM009 recorded-not-there", "SA201 missing-column", "SC002 unknown-column"]


@pytest.mark.parametrize("kind", TOLD)
def test_gitlab_has_an_issue_for_each(kind: str) -> None:
    told = TOLD[kind]
    issues = json.loads(spelled("gitlab", told))
    for one in issues:
        assert set(one) == {"description", "check_name", "fingerprint", "severity", "location"}
        assert one["severity"] in {"info", "minor", "major", "critical", "blocker"}
        assert not one["location"]["path"].startswith(("./", "/"))
        assert one["location"]["lines"]["begin"] >= 1
    assert len({one["fingerprint"] for one in issues}) == len(issues)
    assert sum(one["check_name"] == "not-checked" for one in issues) == len({one.reason for one in told.unchecked})
    assert sum(one["check_name"] != "not-checked" for one in issues) == len(told.findings)


def test_findings_of_one_fingerprint_are_told_apart() -> None:
    one = finding("missing-column", "column", "public/t/c", "text", None)
    issues = json.loads(spelled("gitlab", report(one, one, one)))
    assert [issue["fingerprint"].removeprefix(one.fingerprint) for issue in issues] == ["", "-2", "-3"]


@pytest.mark.parametrize("kind", TOLD)
def test_markdown_shows_names_as_they_are(kind: str) -> None:
    told = TOLD[kind]
    tokens = markdown_tokens(spelled("markdown", told))
    assert not {one.type for one in tokens} & {"link_open", "image", "html_inline", "em_open", "s_open"}
    html = {line for one in tokens if one.type == "html_block" for line in one.content.strip().splitlines()}
    titles = ("Details", "Waived")
    assert html <= {"<!-- sessionaudit -->", "</details>", *(f"<details><summary>{t}</summary>" for t in titles)}
    prose = "".join(one.content for one in tokens if one.type == "text")
    assert not re.search(r"(?:^|\W)[@#]\w", prose), "a mention, or the number of an issue"
    said = re.sub(r"\s+", "", "".join(one.content for one in tokens if one.type in {"text", "code_inline", "fence"}))
    for finding_ in told.findings:
        message = re.sub(r"\s+", "", visible(" ".join(finding_.message.split()))).replace("`sessionauditrepair`", "")
        assert message in said.replace("sessionauditrepair", ""), finding_.message
    for skipped in told.unchecked:
        assert re.sub(r"\s+", "", skipped.reason) in said


def test_markdown_puts_what_follows_below_its_cause() -> None:
    depth, found = 0, []
    for token in markdown_tokens(spelled("markdown", LINKED)):
        depth += {"list_item_open": 1, "list_item_close": -1}.get(token.type, 0)
        if (
            token.type == "text"
            and (match := re.search(r"\bS[A-Z]\d{3}\b", token.content))
            and "Cause" not in token.content
        ):
            found.append((match[0], depth))
    assert found == [("SM009", 1), ("SA201", 2), ("SC002", 3), ("SA001", 1), ("SA202", 1), ("SA204", 1)]


@pytest.mark.parametrize(
    "text", ["1. a", "- a", "+ a", "= a", "# a", "> a", "``` a", "~~~ a", "| a", "    a", "a  \n---"]
)
def test_a_message_stays_a_paragraph(text: str) -> None:
    told = report(replace(finding("missing-column", "column", "public/t/c", "text", None), message=text))
    types = [one.type for one in markdown_tokens(spelled("markdown", told))]
    assert [types.count(name) for name in ("list_item_open", "heading_open", "blockquote_open", "fence")] == [
        1,
        1,
        0,
        0,
    ]
    assert types.count("code_block") == 0


def test_markdown_fits_a_comment() -> None:
    long = "the value of a column that is very long " * 120
    few = [finding("missing-column", "column", f"public/t/c{n}", long, long, n) for n in range(12)]
    many = [finding("missing-column", "column", f"public/t/c{n}", "text", None, n) for n in range(900)]
    texts = [spelled("markdown", report(*several)) for several in (few, many)]
    for text in texts:
        assert len(text) <= 65_536
        assert text.count("<details>") == text.count("</details>")
    assert texts[0].count("- **error**") == 12
    shown = texts[1].count("- **error**")
    assert f"And {900 - shown} more findings." in texts[1]


def test_causes_in_a_circle_are_shown_once() -> None:
    a, b, c = (finding("missing-column", "column", f"public/t/{name}", "text", None) for name in "abc")
    ring = [replace(a, because=(c,)), replace(b, because=(a,)), replace(c, because=(b, c))]
    (root,) = forest(ring)
    names = [root.finding.ref.name, root.follows[0].finding.ref.name, root.follows[0].follows[0].finding.ref.name]
    assert sorted(names) == ["a", "b", "c"]
    assert root.follows[0].follows[0].follows == ()


@pytest.mark.parametrize("kind", TOLD)
def test_sarif_has_what_the_standard_knows(kind: str) -> None:
    told = TOLD[kind]
    log = json.loads(spelled("sarif", told))
    assert list(sarif_mistakes(log)) == []
    (run,) = log["runs"]
    assert run["invocations"][0]["executionSuccessful"] is not bool(told.unchecked)
    rules = run["tool"]["driver"]["rules"]
    assert len({rule["id"] for rule in rules}) == len(rules)
    results = run["results"]
    assert len(results) == len(told.findings) + len(told.waived)
    assert sum("suppressions" in one for one in results) == len(told.waived)
    for result, finding_ in zip(results, told.findings, strict=False):
        assert rules[result["ruleIndex"]]["id"] == result["ruleId"] == finding_.rule.code
        linked = {int(number) for number in re.findall(r"\]\((\d+)\)", result["message"]["text"])}
        related = {one["id"] for one in result.get("relatedLocations", ())}
        assert linked <= related
        assert result["locations"][0]["physicalLocation"]["artifactLocation"]["uriBaseId"] in run["originalUriBaseIds"]
    said = " ".join(one["message"]["text"] for one in run["invocations"][0]["toolExecutionNotifications"])
    assert all(one.reason in said for one in told.unchecked)


SITE = "https://docs.example.org/shop"


def linked_pages(told: Report, canvas: Canvas) -> dict[str, set[str]]:
    """The pages to which the formats link, as what is made for each reads it."""
    driver = json.loads(BY_NAME["sarif"].render(told, canvas))["runs"][0]["tool"]["driver"]
    markdown = markdown_tokens(BY_NAME["markdown"].render(told, canvas))
    html = re.findall(r'<a class="rule" href="([^"]*)">', BY_NAME["html"].render(told, canvas))
    return {
        "sarif": {rule["helpUri"] for rule in driver["rules"] if "helpUri" in rule},
        "markdown": {str(one.attrs["href"]) for one in markdown if one.type == "link_open"},
        "html": set(html),
    }


def test_rules_link_to_their_pages() -> None:
    assert set().union(*linked_pages(KNOWN, Canvas()).values()) == set(), (
        "the package names no address of its documentation"
    )
    pages = linked_pages(KNOWN, Canvas(documentation=f"{SITE}/"))
    assert pages["markdown"] == pages["html"] == {f"{SITE}/rules/{one.rule.name}.html" for one in KNOWN.findings}
    assert pages["sarif"] > pages["html"], "rules of what is suppressed are there, too"
    log = json.loads(BY_NAME["sarif"].render(KNOWN, Canvas(documentation=SITE)))
    assert list(sarif_mistakes(log)) == []
    assert log["runs"][0]["tool"]["driver"]["informationUri"] == SITE
    assert "**Fix**" in log["runs"][0]["tool"]["driver"]["rules"][0]["help"]["markdown"]


def test_the_package_may_say_where_its_documentation_is(monkeypatch: pytest.MonkeyPatch) -> None:
    package = Message()
    package["Project-URL"] = "Source, https://example.org/source"
    package["Project-URL"] = "Documentation, https://example.org/docs/"
    monkeypatch.setattr(documentation, "metadata", lambda _name: package)
    assert all(one.startswith("https://example.org/docs/rules/") for one in linked_pages(LINKED, Canvas())["sarif"])
    assert all(one.startswith(f"{SITE}/") for one in linked_pages(LINKED, Canvas(documentation=SITE))["sarif"])


def test_a_name_makes_no_link_in_sarif() -> None:
    log = json.loads(spelled("sarif", LINKED))
    texts = [one["message"]["text"] for one in log["runs"][0]["results"]]
    assert HOSTILE.count("](") == 1
    assert [re.findall(r"\[[^\]]*\]\((?!\d+\))", text) for text in texts] == [[]] * len(texts)


def test_files_are_named_from_the_top_of_the_repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    inner = tmp_path / "apps" / "shop"
    inner.mkdir(parents=True)
    monkeypatch.chdir(inner)
    one = finding("missing-column", "column", "public/t/c", "text", None)
    files = ["a b.yaml", "../db/ä.yaml", str(tmp_path / "c.yaml"), "../../../outside.yaml"]
    told = report(*(replace(one, locations=(Location(file, 3),)) for file in files))
    named = [issue["location"]["path"] for issue in json.loads(BY_NAME["gitlab"].render(told, Canvas(top=tmp_path)))]
    assert named == ["apps/shop/a b.yaml", "apps/db/ä.yaml", "c.yaml", str(tmp_path.parent / "outside.yaml")]
    places = [
        result["locations"][0]["physicalLocation"]["artifactLocation"]
        for result in json.loads(BY_NAME["sarif"].render(told, Canvas(top=tmp_path)))["runs"][0]["results"]
    ]
    assert [place["uri"] for place in places[:3]] == ["apps/shop/a%20b.yaml", "apps/db/%C3%A4.yaml", "c.yaml"]
    assert places[3] == {"uri": f"file://{tmp_path.parent}/outside.yaml"}


CI = ("sarif", "junit", "github", "gitlab", "markdown", "html", "openmetrics")


@pytest.mark.parametrize("name", CI)
def test_what_was_not_checked_is_never_clean(name: str) -> None:
    clean, unchecked = spelled(name, report()), spelled(name, UNCHECKED)
    assert clean != unchecked
    marks = {
        "sarif": '"executionSuccessful": false',
        "junit": "<skipped",
        "github": "::warning title=sessionaudit%3A not checked::",
        "gitlab": "not-checked",
        "markdown": "not all was checked",
        "html": '<h1 id="verdict-heading">sessionaudit: not all was checked</h1>',
        "openmetrics": "sessionaudit_not_checked",
    }
    assert marks[name] in unchecked
    assert "o right to read" in unchecked or name == "openmetrics"
    assert "passed" not in unchecked


@pytest.mark.parametrize("name", CI)
def test_an_error_is_told_in_the_format(name: str) -> None:
    text = BY_NAME[name].render_error(ERROR, Canvas())
    assert "\x1b" not in text
    read: dict[str, Any] = {
        "sarif": lambda: sarif_error(json.loads(text)),
        "junit": lambda: [
            (one.type, one.message.startswith("a b.yaml:2: It is wrong"))
            for suite in JUnitXml.fromstring(text.encode())
            for case in suite
            for one in case.result
            if isinstance(one, Error)
        ],
        "github": lambda: [(one.name, one.properties["line"], one.text[-16:]) for one in read_annotations(text)],
        "gitlab": lambda: [(one["severity"], one["location"]["path"]) for one in json.loads(text)],
        "markdown": lambda: [one.content for one in markdown_tokens(text) if one.type == "code_inline"],
        "html": lambda: re.findall("<code>(.*?)</code>", text),
        "openmetrics": lambda: text,
    }
    assert (
        read[name]()
        == {
            "sarif": (False, 2, "error", "a%20b.yaml", 2),
            "junit": [("contract", True)],
            "github": [("error", "2", "x\nDo `this` %0A.")],
            "gitlab": [("blocker", "a b.yaml")],
            "markdown": ["a b.yaml:2", "this", "%0A"],
            "html": ["a b.yaml:2", "this"],
            "openmetrics": "",
        }[name]
    )


def sarif_error(log: dict[str, Any]) -> tuple[Any, ...]:
    assert list(sarif_mistakes(log)) == []
    (invocation,) = log["runs"][0]["invocations"]
    (said,) = invocation["toolExecutionNotifications"]
    place = said["locations"][0]["physicalLocation"]
    success, code = invocation["executionSuccessful"], invocation["exitCode"]
    return success, code, said["level"], place["artifactLocation"]["uri"], place["region"]["startLine"]


@pytest.fixture(scope="module")
def multitool() -> Path:
    """Microsoft's validator, with the official schema beside it."""
    if sys.platform != "linux":
        lacking("npm's package of the validator runs on Linux only")
    folder = npm_package(*MULTITOOL)
    (folder / "Sarif.Multitool").chmod(0o755)
    return folder


@pytest.mark.thorough
def test_the_fields_are_those_of_the_standard(multitool: Path) -> None:
    schema = json.loads((multitool / "sarif-2.1.0.json").read_text(encoding="utf-8"))
    objects = {"sarifLog": schema, **schema["definitions"]}
    for kind, fields in SARIF_FIELDS.items():
        names = {field.rstrip("*") for field in fields.split()}
        assert names <= objects[kind]["properties"].keys(), kind
        required = {field.rstrip("*") for field in fields.split() if field.endswith("*")}
        assert required == set(objects[kind].get("required", ())), kind
        for name in names & SARIF_PARTS.keys():
            said = json.dumps(objects[kind]["properties"][name])
            assert f'#/definitions/{SARIF_PARTS[name]}"' in said, (kind, name)


@pytest.mark.thorough
@pytest.mark.parametrize("kind", [*TOLD, "error"])
def test_sarif_is_valid(kind: str, multitool: Path, tmp_path: Path) -> None:
    canvas = Canvas(documentation=SITE)
    sarif = BY_NAME["sarif"]
    text = sarif.render_error(ERROR, canvas) if kind == "error" else sarif.render(TOLD[kind], canvas)
    schema = json.loads((multitool / "sarif-2.1.0.json").read_text(encoding="utf-8"))
    jsonschema.validate(json.loads(text), schema)
    log, found = tmp_path / "report.sarif", tmp_path / "found.sarif"
    log.write_text(text, encoding="utf-8")
    done = subprocess.run(
        [multitool / "Sarif.Multitool", "validate", log, "--output", found, "--rule-kind", "Sarif;Gh;Ghas"],
        env={"DOTNET_SYSTEM_GLOBALIZATION_INVARIANT": "1", "HOME": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
    )
    results = json.loads(found.read_text(encoding="utf-8-sig"))["runs"][0]["results"]
    assert [(one["ruleId"], one["message"]) for one in results] == [], done.stdout


def test_xml_is_well_formed_whatever_a_name_is() -> None:
    for code in [*range(0x20), 0x7F, 0x85, 0xD800, 0xFFFE, 0xFFFF, 0x1F600]:
        one = finding("missing-column", "column", f"public/t/c{chr(code)}", "text", None)
        ET.fromstring(spelled("junit", report(one)).encode())

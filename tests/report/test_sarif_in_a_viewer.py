"""Microsoft's viewer, in a real browser, shows of a SARIF report what was found: Azure DevOps has the same one."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from consumers import PLAYWRIGHT, chromium, npm_package, told_by_node
from reported import CLEAN, DRIFTED, KNOWN, LINKED
from sessionaudit.core.visible import visible, visible_page
from sessionaudit.report import Canvas
from sessionaudit.report.errors import error_object
from sessionaudit.report.formats import FORMATS

if TYPE_CHECKING:
    from sessionaudit.core.finding import Finding
    from sessionaudit.core.report import Report

pytestmark = pytest.mark.thorough
SARIF = next(one for one in FORMATS if one.name == "sarif")
VIEWER = (("react", "16.14.0"), ("react-dom", "16.14.0"), ("@microsoft/sarif-web-component", "0.6.0-29"))
TOLD: dict[str, Report] = {"drifted": DRIFTED, "clean": CLEAN, "linked": LINKED, "known": KNOWN}
DOCUMENTATION = "https://docs.example.org/sessionaudit"
# What the viewer itself says of the library that colours the code in it.
ITS_OWN = "Deprecated as of 10.7.0"


@pytest.fixture(scope="module")
def seen(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """What the viewer shows of each report, with what is suppressed and without it."""
    folder = tmp_path_factory.mktemp("logs")
    texts = {name: SARIF.render(told, Canvas()) for name, told in TOLD.items()}
    texts["documented"] = SARIF.render(LINKED, Canvas(documentation=DOCUMENTATION))
    texts["error"] = SARIF.render_error(error_object("contract", "It is wrong.", 2, "Do this."), Canvas())
    for name, text in texts.items():
        (folder / f"{name}.sarif").write_text(text, encoding="utf-8")
    packages = [npm_package(*one) for one in (PLAYWRIGHT, *VIEWER)]
    script = Path(__file__).with_name("in_a_viewer.js")
    return dict(json.loads(told_by_node(script, chromium(), *packages, *(folder / f"{name}.sarif" for name in texts))))


def rows(view: dict[str, Any]) -> list[tuple[str, ...]]:
    return sorted((one["rule"], one["level"], one["object"], one["text"].partition("\n")[0]) for one in view["results"])


def row(one: Finding) -> tuple[str, ...]:
    message = visible_page(one.message).replace("](", "] (").partition("\n")[0]
    return (f"{one.rule.code}: {one.rule.name}", str(one.severity), visible(one.ref.dotted), message)


def test_the_viewer_shows_what_was_found(seen: dict[str, Any]) -> None:
    """One test, as each process that has one of several starts a browser of its own."""
    for name, told in TOLD.items():
        suppressed = [finding for finding, _ in (*told.waived, *told.accepted)]
        assert rows(seen[name]["default"]) == sorted(map(row, told.findings)), name
        assert rows(seen[name]["all"]) == sorted(map(row, (*told.findings, *suppressed))), name
        for view in seen[name].values():
            assert [said for said in view["said"] if ITS_OWN not in said] == [], "it complains, or loads something"
            assert [one["elements"] for one in view["results"] if one["elements"]] == [], "a name became an element"
            assert {*view["pages"].values()} <= {""}, "no page is known"
    files = {one["object"]: one["file"] for one in seen["linked"]["all"]["results"]}
    assert files["public.sessions.metadata"] == "expected_schema.yaml"
    assert files['"1"'] == "supabase/migrations/1.sql"
    assert files['"src/a b.ts"." update sessions"'] == "src/a%20b.ts"
    (caused,) = (one for one in seen["linked"]["all"]["results"] if one["rule"].startswith("SC002"))
    assert caused["text"].endswith("\ncause: SA201 missing-column of column public.sessions.metadata")
    assert seen["error"]["all"]["results"] == []
    pages = seen["documented"]["all"]["pages"]
    assert pages == {rule: f"{DOCUMENTATION}/rules/{rule.split(': ')[1]}.html" for rule in pages}
    assert len(pages) == 6

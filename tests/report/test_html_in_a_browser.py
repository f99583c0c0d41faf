"""A real browser shows the page: Chromium, narrow and wide, light and dark, with and without scripts; axe judges it."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from consumers import PLAYWRIGHT, chromium, npm_package, told_by_node
from pictured import PICTURED
from reported import CLEAN, DRIFTED, HOSTILE, LINKED
from sessionaudit.report import Canvas
from sessionaudit.report.errors import error_object
from sessionaudit.report.formats import FORMATS

if TYPE_CHECKING:
    from sessionaudit.core.report import Report

pytestmark = pytest.mark.thorough
PACKAGES = (PLAYWRIGHT, ("axe-core", "4.14.1"))
HTML = next(one for one in FORMATS if one.name == "html")
TOLD: dict[str, Report] = {"all": PICTURED, "linked": LINKED, "drifted": DRIFTED, "clean": CLEAN}
PAGES = [*TOLD, "error"]
DARK, LIGHT = "rgb(16, 21, 27)", "rgb(255, 255, 255)"


@pytest.fixture(scope="module")
def seen(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """What the browser saw of each page."""
    folder = tmp_path_factory.mktemp("pages")
    texts = {name: HTML.render(told, Canvas()) for name, told in TOLD.items()}
    texts["error"] = HTML.render_error(error_object("contract", HOSTILE, 2, HOSTILE), Canvas())
    for name, text in texts.items():
        (folder / f"{name}.html").write_text(text, encoding="utf-8")
    packages = [npm_package(*one) for one in PACKAGES]
    script = Path(__file__).with_name("in_a_browser.js")
    return dict(json.loads(told_by_node(script, chromium(), *packages, *(folder / f"{name}.html" for name in texts))))


def right_in_each_width_and_in_the_dark(name: str, seen: dict[str, Any]) -> None:
    views = seen[name]["views"]
    assert [(one["width"], one["colorScheme"]) for one in views] == [
        (width, scheme) for width in (360, 1400) for scheme in ("light", "dark")
    ]
    for one in views:
        assert one["violations"] == [], one
        assert one["wide"] <= one["width"], "the page scrolls sideways"
        assert one["back"] == (DARK if one["colorScheme"] == "dark" else LIGHT)
        assert one["said"] == [], "the browser complains, or something ran"
        assert [Path(url).name for url in one["requests"]] == [f"{name}.html"]


def whole_without_scripts(name: str, seen: dict[str, Any]) -> None:
    assert seen[name]["without"] == {"articles": len(TOLD[name].findings), "form": 0, "said": []}


def filtered(name: str, seen: dict[str, Any]) -> None:
    findings, told = TOLD[name].findings, seen[name]["filtered"]
    assert told["all"] == len(findings)
    assert told["by"]["audit"] == Counter(one.audit for one in findings)
    assert told["by"]["severity"] == Counter(str(one.severity) for one in findings)
    assert sum(told["by"]["group"].values()) == len(findings)
    errors = told["by"]["severity"]["error"]
    assert told["counts"]["error"] == ("" if errors == len(findings) else f"{errors} of {len(findings)} findings")
    assert told["empty"] == 0, "a heading without findings"
    assert told["branches"] == (3 if name in {"all", "linked"} else 0)
    assert told["said"] == []


def printed_light_and_unfolded(name: str, seen: dict[str, Any]) -> None:
    told = seen[name]["filtered"]
    assert (told["printed"]["form"], told["printed"]["folded"], told["printed"]["back"]) == (False, 0, LIGHT)
    assert told["folded"] or name != "all"


def test_the_pages_are_right_in_a_browser(seen: dict[str, Any]) -> None:
    """One test, as each process that has one of several starts a browser of its own."""
    for name in PAGES:
        right_in_each_width_and_in_the_dark(name, seen)
    for name in TOLD:
        whole_without_scripts(name, seen)
    for name in ("all", "linked", "drifted"):
        filtered(name, seen)
        printed_light_and_unfolded(name, seen)

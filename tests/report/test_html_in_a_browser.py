"""A real browser shows the page: Chromium, narrow and wide, light and dark, with and without scripts; axe judges it."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

import pytest

from pictured import PICTURED
from reported import CLEAN, DRIFTED, HOSTILE, LINKED
from sessionaudit.report import Canvas
from sessionaudit.report.errors import error_object
from sessionaudit.report.formats import FORMATS

if TYPE_CHECKING:
    from sessionaudit.core.report import Report

pytestmark = pytest.mark.thorough
CACHE = Path(__file__).parents[2] / ".cache"
PACKAGES = {"playwright-core": "1.65.1", "axe-core": "4.14.1"}
PROGRAMS = ("chromium", "chromium-headless-shell", "chromium-browser", "google-chrome")
REQUIRED = "SESSIONAUDIT_TEST_BROWSER"  # where it is set, a browser that cannot be had is an error
HTML = next(one for one in FORMATS if one.name == "html")
TOLD: dict[str, Report] = {"all": PICTURED, "linked": LINKED, "drifted": DRIFTED, "clean": CLEAN}
PAGES = [*TOLD, "error"]
DARK, LIGHT = "rgb(16, 21, 27)", "rgb(255, 255, 255)"


def lacking(what: str) -> NoReturn:
    if os.environ.get(REQUIRED):
        pytest.fail(f"{REQUIRED} is set, and {what}")
    pytest.skip(what)


@pytest.fixture(scope="module")
def chromium() -> str:
    """The browser: that of the machine, or the one that `scripts/get-chromium.sh` unpacked."""
    own = CACHE / "chromium" / "chromium"
    found = str(own) if own.exists() else next(filter(None, map(shutil.which, PROGRAMS)), None)
    return found or lacking("there is no Chromium: make .cache/chromium gets it where Debian's packages are")


@pytest.fixture(scope="module")
def packages() -> Path:
    """What drives the browser, and what judges the page; npm gives them once."""
    if shutil.which("npm") is None:
        lacking("npm is not there, which gives what drives a browser")
    folder = CACHE / "browser"
    if not all((folder / "node_modules" / name).exists() for name in PACKAGES):
        named = [f"{name}@{version}" for name, version in PACKAGES.items()]
        words = ("npm", "install", "--prefix", folder, "--no-save", "--no-audit", "--no-fund", "--ignore-scripts")
        done = subprocess.run([*words, *named], capture_output=True, text=True, check=False)
        if done.returncode:
            lacking(f"npm does not give the packages: {done.stderr[-200:]}")
    return folder / "node_modules"


@pytest.fixture(scope="module")
def seen(chromium: str, packages: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """What the browser saw of each page."""
    folder = tmp_path_factory.mktemp("pages")
    texts = {name: HTML.render(told, Canvas()) for name, told in TOLD.items()}
    texts["error"] = HTML.render_error(error_object("contract", HOSTILE, 2, HOSTILE), Canvas())
    for name, text in texts.items():
        (folder / f"{name}.html").write_text(text, encoding="utf-8")
    script = Path(__file__).with_name("in_a_browser.js")
    files = [folder / f"{name}.html" for name in texts]
    done = subprocess.run(
        ["node", script, chromium, packages, *files], capture_output=True, text=True, check=False, timeout=280
    )
    assert done.returncode == 0, done.stderr
    return dict(json.loads(done.stdout))


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

"""The site of docs/ is built without a warning, and asks nothing of the network when it is read."""

from __future__ import annotations

import re
import subprocess

import pytest
import yaml

from pages import TOP
from sessionaudit.report import Canvas
from sessionaudit.report.documentation import page_of
from sessionaudit.rulebook import RULES

SITE = TOP / ".cache" / "site"
# What a browser loads by itself: scripts, styles, pictures, fonts; but not where a link leads.
LOADED = re.compile(
    r"""<(?:script|img|iframe|source)[^>]*?\ssrc=["']?(?:https?:)?//|"""
    r"""<link[^>]*?\srel=["']?(?:stylesheet|preconnect|icon|preload)["' ][^>]*?href=["']?(?:https?:)?//|"""
    r"""@import[^;]*?//|url\(["']?(?:https?:)?//"""
)


def linked(suffix: str) -> list[str]:
    """The page to which a report links each rule, from the top of the site, with another suffix."""
    base = "https://docs.example.org/shop/"
    pages = [page_of(rule, Canvas(documentation=base)) for rule in RULES.values()]
    return [page.removeprefix(base).removesuffix(".html") + suffix for page in pages]


def test_what_a_report_links_to_is_a_page_of_these() -> None:
    assert yaml.safe_load((TOP / "mkdocs.yml").read_text(encoding="utf-8"))["use_directory_urls"] is False
    assert [page for page in linked(".md") if not (TOP / "docs" / page).is_file()] == []


@pytest.mark.thorough
def test_the_site_is_built_and_complete_in_itself() -> None:
    built = subprocess.run(["make", "docs"], cwd=TOP, capture_output=True, text=True, check=False)
    assert built.returncode == 0, built.stdout + built.stderr
    pages = list(SITE.rglob("*.html"))
    assert len(pages) > 20
    assert [page for page in linked(".html") if not (SITE / page).is_file()] == []
    for file in (*pages, *SITE.rglob("*.css"), *SITE.rglob("*.svg")):
        assert LOADED.search(file.read_text(encoding="utf-8")) is None, file.name

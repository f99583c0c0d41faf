"""The site of docs/ is built without a warning, and asks nothing of the network when it is read."""

from __future__ import annotations

import re
import subprocess

import pytest

from pages import TOP

SITE = TOP / ".cache" / "site"
# What a browser loads by itself: scripts, styles, pictures, fonts; but not where a link leads.
LOADED = re.compile(
    r"""<(?:script|img|iframe|source)[^>]*?\ssrc=["']?(?:https?:)?//|"""
    r"""<link[^>]*?\srel=["']?(?:stylesheet|preconnect|icon|preload)["' ][^>]*?href=["']?(?:https?:)?//|"""
    r"""@import[^;]*?//|url\(["']?(?:https?:)?//"""
)


@pytest.mark.thorough
def test_the_site_is_built_and_complete_in_itself() -> None:
    built = subprocess.run(["make", "docs"], cwd=TOP, capture_output=True, text=True, check=False)
    assert built.returncode == 0, built.stdout + built.stderr
    pages = list(SITE.rglob("*.html"))
    assert len(pages) > 20
    for file in (*pages, *SITE.rglob("*.css"), *SITE.rglob("*.svg")):
        assert LOADED.search(file.read_text(encoding="utf-8")) is None, file.name

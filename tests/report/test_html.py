"""The page for browsers: what names do to it, what it allows itself, and how large it grows.

`test_html_in_a_browser` has it shown by one.
"""

from __future__ import annotations

import base64
import hashlib
import itertools
import re
from collections import Counter
from html.parser import HTMLParser
from typing import TYPE_CHECKING

import pytest
from msgspec.structs import replace

from pictured import HARM, LONG, MANY, PICTURED
from reported import CLEAN, DRIFTED, LINKED
from sessionaudit.core.visible import hidden, visible
from sessionaudit.report import Canvas
from sessionaudit.report.errors import error_object
from sessionaudit.report.formats import FORMATS
from sessionaudit.report.formats.html_ import drawing

if TYPE_CHECKING:
    from pathlib import Path

HTML = next(one for one in FORMATS if one.name == "html")
ERROR = HTML.render_error(error_object("contract", HARM, 2, HARM, {"file": HARM, "line": 2, "column": 3}), Canvas())
PAGES = {
    "all": HTML.render(PICTURED, Canvas()),
    "linked": HTML.render(LINKED, Canvas()),
    "drifted": HTML.render(DRIFTED, Canvas()),
    "clean": HTML.render(CLEAN, Canvas()),
    "error": ERROR,
}
WITHOUT_END = {"meta", "br"}
MOST = 5_000_000  # bytes


class ReadPage(HTMLParser):
    """The tags of a page with their attributes, its ids, and the texts by the tag around them."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.attributes: list[tuple[str, str, str]] = []
        self.texts: list[tuple[str, str]] = []
        self._open: list[str] = []
        self.feed(text)
        self.close()
        assert self._open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += ((tag, name, value or "") for name, value in attrs)
        if tag not in WITHOUT_END:
            self._open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        if tag not in WITHOUT_END:
            self._open.pop()

    def handle_endtag(self, tag: str) -> None:
        assert self._open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.texts.append((self._open[-1] if self._open else "", data))

    def values(self, name: str) -> list[str]:
        return [value for _, own, value in self.attributes if own == name]


READ = {name: ReadPage(text) for name, text in PAGES.items()}


@pytest.mark.parametrize("name", PAGES)
def test_a_name_becomes_no_markup(name: str) -> None:
    page = READ[name]
    assert (page.tags.count("script"), page.tags.count("style")) == (1, 1)
    assert not set(page.tags) & {"img", "iframe", "object", "embed", "link", "base", "input"}
    assert not [one for _, one, _ in page.attributes if one.startswith("on") or one in {"style", "src", "srcset"}]
    assert all(re.fullmatch(r"#[\w-]+", value) for _, one, value in page.attributes if one in {"href", "xlink:href"})
    assert not hidden(PAGES[name].replace("\n", "")), "control characters and what turns the direction of writing"
    assert "49" not in "".join(text for tag, text in page.texts if "7 * 7" in text)


@pytest.mark.parametrize("name", ["all", "error"])
def test_a_name_is_shown_as_it_is(name: str) -> None:
    said = "".join(text for _, text in READ[name].texts)
    assert visible(" ".join(HARM.split())) in said
    assert name == "error" or {visible(HARM), visible(LONG)} <= {text for _, text in READ[name].texts}


@pytest.mark.parametrize("name", PAGES)
def test_links_lead_somewhere_and_headings_are_in_order(name: str) -> None:
    page = READ[name]
    ids = page.values("id")
    assert {one: number for one, number in Counter(ids).items() if number > 1} == {}
    assert {value[1:] for value in page.values("href")} <= set(ids)
    for attribute in ("aria-labelledby", "for"):
        assert set(page.values(attribute)) <= set(ids)
    levels = [int(tag[1]) for tag in page.tags if re.fullmatch(r"h[1-6]", tag)]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(after - before <= 1 for before, after in itertools.pairwise(levels))


@pytest.mark.parametrize("name", PAGES)
def test_the_page_allows_itself_its_own_style_and_script_and_nothing_else(name: str) -> None:
    (policy,) = (value for _, one, value in READ[name].attributes if one == "content" and "default-src" in value)
    texts = {tag: text for tag, text in READ[name].texts if tag in {"style", "script"}}
    hashes = {tag: base64.b64encode(hashlib.sha256(text.encode()).digest()).decode() for tag, text in texts.items()}
    assert policy.split("; ") == [
        "default-src 'none'",
        f"style-src 'sha256-{hashes['style']}'",
        f"script-src 'sha256-{hashes['script']}'",
        "base-uri 'none'",
        "form-action 'none'",
    ]
    assert not re.search(r"url\((?!#)|@import|https?:|innerHTML|eval\(", "".join(texts.values()))


def test_everything_is_on_the_page() -> None:
    said = "".join(text for _, text in READ["all"].texts)
    for one in PICTURED.findings:
        assert visible(str(one.ref)) in said
        assert visible(" ".join(one.message.split())).replace("`", "") in said.replace("`", "")
        for line in (*one.fix, one.statement):
            assert visible(line.split("\n")[0].expandtabs()) in said
    for skipped in (*PICTURED.unchecked, *PICTURED.undecided):
        assert visible(skipped.reason) in said
    for part in ("text until the enum lands (until 2099-12-31, platform)", "Seq Scan", "no row: delete", "and back"):
        assert part in said
    for line in PICTURED.next:
        assert visible(line) in said
    articles = sum(tag == "article" for tag in READ["all"].tags)
    assert articles == len(PICTURED.findings)


def test_what_follows_stands_below_its_cause() -> None:
    page = READ["linked"]
    tree = [value for value in page.values("id") if value.startswith("cf")]
    assert len(tree) == 3
    text = PAGES["linked"]
    causes = text[text.index('id="causes"') : text.index('id="objects"')]
    names = re.findall(r'<a href="#f\w+">([\w-]+) of', causes)
    assert names == ["recorded-not-there", "missing-column", "unknown-column"]
    assert causes.count('<ul class="tree">') == 3


def test_many_findings_stay_a_small_page() -> None:
    text = HTML.render(MANY, Canvas())
    assert text.count("<article ") == len(MANY.findings) == 2_000
    assert len(text.encode()) < MOST
    assert "Not drawn: 140 tables" in text


def test_a_drawing_has_each_table_and_each_foreign_key() -> None:
    drawn = drawing.drawn({"public.sessions": ("1 error", "error")}, PICTURED.references)
    assert [one.state for one in drawn.lines] == ["missing", "unexpected", "different", "right", "right", "right"]
    assert [bool(one.label) for one in drawn.lines] == [True] * 3 + [False] * 3
    assert {box.note for box in drawn.boxes} == {"1 error", "no finding"}
    for box in drawn.boxes:
        assert drawn.x < box.x - box.width / 2 < box.x + box.width / 2 < drawn.x + drawn.width
        assert drawn.y < box.y - box.height / 2 < box.y + box.height / 2 < drawn.y + drawn.height
    again = drawing.drawn({"public.sessions": ("1 error", "error")}, PICTURED.references)
    assert drawn == again, "the same report is the same page"


def test_without_the_library_the_page_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(drawing, "_LIBRARY", "a_library_that_nobody_has")
    text = HTML.render(PICTURED, Canvas())
    assert "There is no drawing, as graphlay is not installed" in text
    assert "<svg" not in text
    assert '<td class="error">missing</td>' in text, "the list stays"


def test_files_are_named_from_the_top(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    inner = tmp_path / "db"
    inner.mkdir()
    monkeypatch.chdir(inner)
    text = HTML.render(replace(DRIFTED, waived=()), Canvas(top=tmp_path))
    assert "<span>db/expected_schema.yaml:7</span>" in text
    assert "<dd>db/expected_schema.yaml</dd>" in text


def test_another_database_in_place_of_the_contract_is_no_file(tmp_path: Path) -> None:
    told = replace(DRIFTED, standard="the other database", contract="staging on db.internal")
    text = HTML.render(told, Canvas(top=tmp_path))
    assert "<div><dt>Compared with</dt><dd>staging on db.internal</dd></div>" in text
    assert 'class="place"' not in text

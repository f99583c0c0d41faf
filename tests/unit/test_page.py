"""What pages are made of: nothing from outside moves a cursor, and no width is counted before that is so."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sessionaudit.core.visible import hidden
from sessionaudit.report import Canvas
from sessionaudit.report.page import Page, in_words, message

TEXTS = st.text(st.characters(codec="utf-8"), max_size=60)
COLOUR = re.compile("\x1b\\[[0-9;]*m")


@given(TEXTS, st.integers(1, 120), st.integers(0, 12))
def test_a_paragraph_is_visible_and_as_wide_as_the_page(text: str, width: int, indent: int) -> None:
    page = Page(Canvas(width=width))
    for line in page.wrapped(text, indent, "bad", "x"):
        assert not hidden(line)
        assert len(line) <= page.width or " " not in line.strip()[1:].strip()


@given(TEXTS, st.integers(40, 120))
def test_colours_are_all_that_a_canvas_adds(text: str, width: int) -> None:
    plain, coloured = Page(Canvas(width=width)), Page(Canvas(width=width, colour=True))
    for style in ("strong", "faint", "good", "bad", "warn", "error", "warning", "note"):
        bare = [COLOUR.sub("", line) for line in coloured.wrapped(text, 2, style)]
        assert bare == list(plain.wrapped(text, 2, style))
    assert [COLOUR.sub("", line) for line in coloured.ended(text, "done", "good", "[1/2] ")] == plain.ended(
        text, "done", "good", "[1/2] "
    )


def test_a_sentence_is_painted_where_it_begins_and_where_it_ends() -> None:
    page = Page(Canvas(width=40, colour=True))
    assert page.begun("Clean", "good", ": 3 tables") == ["\x1b[32mClean\x1b[0m: 3 tables"]
    assert page.ended("Create it: ", "applied", "good", "[1/2] ") == ["[1/2] Create it: \x1b[32mapplied\x1b[0m"]


@given(TEXTS, st.integers(1, 120) | st.none())
def test_a_message_is_one_line_or_as_wide_as_the_terminal(text: str, width: int | None) -> None:
    lines = message(text, width).split("\n")
    assert not any(map(hidden, lines))
    assert width or len(lines) == 1


@pytest.mark.parametrize("width", [40, 60, 1000])
def test_a_command_is_pasted_as_it_was(width: int) -> None:
    line = "sessionaudit repair --apply --contract contracts/shop.yaml --only public.orders"
    told = "\n".join(in_words("Next", line, width))
    assert re.sub(r" \\\n *", " ", told) == f"Next: {line}"


def test_a_command_begins_on_a_line_of_its_own_behind_a_description_that_leaves_no_room() -> None:
    line = "sessionaudit scan --against contract --contract contracts/shop.yaml"
    before = "Before it removes values of public.session_request_status, see which code uses them"
    assert in_words(before, line, 80) == [
        "Before it removes values of public.session_request_status, see which code uses",
        "  them:",
        f"    {line}",
    ]
    assert in_words(before, line, 200) == [f"{before}: {line}"]
    assert in_words("To change it anyway", line, 60) == [
        "To change it anyway:",
        "    sessionaudit scan --against contract --contract \\",
        "        contracts/shop.yaml",
    ]

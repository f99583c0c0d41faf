"""The formats, held against goldens; `pytest --regen` rewrites these, for you to read."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import TYPE_CHECKING

import jsonschema
import pytest
from msgspec.structs import replace

import counts
from reported import CLEAN, DRIFTED, LINKED, LONG, finding, report
from sessionaudit import __version__
from sessionaudit.core.finding import Location, Severity, Skipped
from sessionaudit.core.report import Database, ManualStep
from sessionaudit.kinds import NOT_AUDITED
from sessionaudit.report import Canvas
from sessionaudit.report.formats import FORMATS, TABLE
from sessionaudit.report.formats.table import NEVER

if TYPE_CHECKING:
    from sessionaudit.core.report import Report
    from sessionaudit.report.format import Format

JSON = next(one for one in FORMATS if one.name == "json")
TOP = Path(__file__).parents[2]
GOLDENS = Path(__file__).parent / "goldens"
CANVASES = (Canvas(40), Canvas(80), Canvas(200), Canvas(100, verbose=True))
OF_REPORTS = [one for one in FORMATS if not one.of_checklist]


def hold(text: str, golden: str, request: pytest.FixtureRequest) -> None:
    text = re.sub(r"<(style|script)>.*?</\1>", r"<\1>…</\1>", text.replace(__version__, "VERSION"), flags=re.DOTALL)
    text = re.sub(r"'sha256-[^']+'", "HASH", text)
    file = GOLDENS / f"{golden}.txt"
    if request.config.getoption("--regen"):
        file.write_text(text, encoding="utf-8")
    assert text == file.read_text(encoding="utf-8")


@pytest.mark.parametrize("canvas", CANVASES, ids=str)
@pytest.mark.parametrize("told", [DRIFTED, CLEAN], ids=["drifted", "clean"])
def test_the_table_is_what_it_was(told: Report, canvas: Canvas, request: pytest.FixtureRequest) -> None:
    kind = "clean" if told is CLEAN else "drifted"
    verbose = "-verbose" if canvas.verbose else ""
    hold(TABLE.render(told, canvas), f"{kind}-{TABLE}-{canvas.width}{verbose}", request)


@pytest.mark.parametrize("format_", [one for one in OF_REPORTS if not one.styled], ids=str)
@pytest.mark.parametrize("told", [DRIFTED, CLEAN, LINKED], ids=["drifted", "clean", "linked"])
def test_a_format_is_what_it_was_on_every_canvas(
    told: Report, format_: Format[Report], request: pytest.FixtureRequest
) -> None:
    kind = "clean" if told is CLEAN else "drifted" if told is DRIFTED else "linked"
    texts = {format_.render(told, canvas) for canvas in CANVASES}
    assert len(texts) == 1
    hold(texts.pop(), f"{kind}-{format_}", request)


@pytest.mark.parametrize("told", [DRIFTED, CLEAN, LINKED], ids=["drifted", "clean", "linked"])
def test_the_counts_of_all_formats_agree(told: Report) -> None:
    counts.agree(told)


@pytest.mark.parametrize("width", [60, 80, 100, 200])
def test_names_are_never_cut_and_lines_fit(width: int) -> None:
    text = TABLE.render(DRIFTED, Canvas(width))
    for name in (LONG, '"Weird; ""Policy"""', "expected_schema.yaml:190"):
        assert all(word in text for word in name.split())
    longest = max((line for line in text.splitlines() if not re.search(r"\S{25,}", line)), key=len)
    assert len(longest) <= max(width, 40), longest


def test_colours_change_nothing_but_colours() -> None:
    coloured = TABLE.render(DRIFTED, Canvas(80, colour=True))
    assert "\x1b[" in coloured
    assert re.sub(r"\x1b\[[0-9;]*m", "", coloured) == TABLE.render(DRIFTED, Canvas(80))


def test_clean_is_one_sentence_and_what_it_does_not_mean() -> None:
    clean, never = TABLE.render(CLEAN, Canvas(200)).splitlines()
    assert clean.startswith("Nothing else found: ")
    assert never == NEVER
    assert NEVER not in TABLE.render(DRIFTED, Canvas(200))
    every = TABLE.render(CLEAN, Canvas(4000, verbose=True)).splitlines()[-1]
    assert every.startswith(f"Not audited: {', '.join(NOT_AUDITED)}; ")


def test_what_was_not_checked_is_never_clean() -> None:
    text = TABLE.render(report(skipped=DRIFTED.skipped), Canvas(80))
    assert "Clean" not in text
    assert "1 part not checked" in text


def test_what_was_not_checked_for_one_reason_is_said_once() -> None:
    parts = [
        Skipped("invariant a", "gone", "mend"),
        Skipped("grants", "no right"),
        Skipped("invariant b", "gone", "mend"),
        Skipped("what a.sql does", "a link"),
        Skipped("what b.sql does", "a link"),
    ]
    text = TABLE.render(report(skipped=tuple(parts)), Canvas(80))
    assert "Not checked\n  invariants a, b: gone\n    mend\n  grants: no right\n" in text
    assert "  what a.sql does, what b.sql does: a link\n" in text
    assert "5 parts not checked" in text


@pytest.mark.parametrize("told", [DRIFTED, CLEAN], ids=["drifted", "clean"])
def test_json_keeps_its_schema(told: Report) -> None:
    schema = json.loads((TOP / "schemas" / "report.schema.json").read_text(encoding="utf-8"))
    data = json.loads(JSON.render(told, Canvas()))
    jsonschema.validate(data, schema)
    assert data["summary"] == {str(severity): told.count(severity) for severity in Severity} | {
        "skipped": len(told.skipped),
        "waived": len(told.waived),
    }


@pytest.mark.parametrize(
    "canvas",
    [Canvas(80), Canvas(200, verbose=True)],
    ids=[
        "beside",
        "below",
    ],
)
@pytest.mark.parametrize("width", [1, 200], ids=["short", "long"])
def test_what_is_not_seen_is_escaped_in_every_part(canvas: Canvas, width: int) -> None:
    unseen = f"{'x' * width}\x1b[2J\u202e"
    one = finding(
        "column-default", "column", f"public/t{unseen}/c{unseen}", f"a{unseen}", f"b{unseen}", facet="default"
    )
    one = replace(
        one, definition=f"d{unseen}", message=f"It is {unseen}.", locations=(Location(f"f{unseen}", 1),), holder=unseen
    )
    skipped = Skipped(f"s{unseen}", f"r{unseen}", f"h{unseen}")
    told = replace(
        report(one, skipped=(skipped,)), database=Database(f"n{unseen}", "h", "15", "u"), next=(f"c {unseen}",)
    )
    told = replace(told, by_hand=(ManualStep(f"b {unseen}", f"c {unseen}"),))
    for format_ in FORMATS:
        text = format_.render(told, canvas)
        assert "\\x1b" in text or "\\u001b" in text, format_.name
        assert not {"\x1b", "\u202e"} & set(text), format_.name

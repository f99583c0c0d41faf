"""The forest of causes: what stands below what, how much that is, and how it is printed."""

from __future__ import annotations

import json

import pytest
from msgspec.structs import replace

from reported import LINKED, finding, report
from sessionaudit.core.finding import Finding, Location, Skipped
from sessionaudit.core.ref import ObjectRef
from sessionaudit.report import Canvas
from sessionaudit.report.forest import forest
from sessionaudit.report.formats import FORMATS, TABLE
from sessionaudit.report.tree import rolled_up

BY_NAME = {one.name: one for one in FORMATS}
FILE = replace(finding("rejected-migration", "migration", "1", None, None), locations=(Location("1.sql", 3),))
COLUMN = replace(finding("missing-column", "column", "public/t/c", "text", None), because=(FILE,))
OTHER = finding("disabled-trigger", "trigger", "public/t/touch", "enabled", "disabled", facet="enabled")
ROWS = replace(finding("orphaned-rows", "invariant", "kept", "kept", "43 rows"), because=(COLUMN,), rows=43)


def call(file: str, line: int) -> Finding:
    place = Location(f"app/src/{file}", line, 5, "x.select('c')", 3)
    one = finding("unknown-column", "call", f"app/src/{file}/ select t", None, None)
    return replace(one, locations=(place,), because=(COLUMN,))


CALLS = (call("a.ts", 7), call("b/c.ts", 9))
BARRED = Skipped("invariant other", "no column", stands_on=(COLUMN.ref,))
CHAIN = report(FILE, COLUMN, OTHER, ROWS, *CALLS, skipped=(BARRED, Skipped("grants", "no right")))


def test_what_follows_stands_below_and_what_follows_from_nothing_comes_last() -> None:
    root, alone = forest(CHAIN.findings, CHAIN.unchecked)
    assert (root.finding, alone.finding) == (FILE, OTHER)
    (column,) = root.follows
    assert [one.finding for one in column.follows] == [ROWS, *CALLS]
    assert column.unchecked == (BARRED,)
    assert not alone.is_cause


def test_all_that_follows_is_counted() -> None:
    root, alone = forest(CHAIN.findings, CHAIN.unchecked)
    assert rolled_up(root) == "Because of this: 2 calls, 1 column, 1 invariant, 43 rows, 1 part not checked."
    assert rolled_up(alone) == ""


def test_the_chain_is_printed_as_a_tree() -> None:
    text = TABLE.render(CHAIN, Canvas(100))
    start, _, rest = text.partition("\n\n")
    assert start.splitlines()[0].startswith("Causes, and what follows")
    assert start[start.index("         so: ") :].splitlines() == [
        "         so: SA201 missing-column: column public.t.c                          expected_schema.yaml:7",
        "             so: SD001 orphaned-rows: invariant kept (43 rows)                expected_schema.yaml:7",
        "             so: SC002 unknown-column: 2 times in app/src: a.ts:7, b/c.ts:9",
        "             so: not checked: invariant other",
    ]
    assert "disabled-trigger" in rest
    assert "Not checked\n  grants: no right\n" in rest  # what stands in the tree is not said again


def test_another_cause_is_said() -> None:
    both = replace(CHAIN, findings=(*CHAIN.findings[:3], replace(ROWS, because=(COLUMN, OTHER)), *CALLS))
    assert "also because of SA625 disabled-trigger of trigger public.t.touch" in TABLE.render(both, Canvas(100))


@pytest.mark.parametrize("canvas", [Canvas(40), Canvas(80), Canvas(200, verbose=True), Canvas(80, flat=True)], ids=str)
def test_no_finding_is_lost_in_the_tree(canvas: Canvas) -> None:
    for told in (CHAIN, LINKED):
        text = "".join(TABLE.render(told, canvas).split())
        for one in told.findings:
            assert one.rule.code in text
        assert all("".join(part.what.split()) in text for part in told.skipped if "invariant" not in part.what)
        assert text.count("causeSA201") == (3 * (told is CHAIN) + (told is LINKED)) * canvas.flat


def test_a_flat_list_has_the_details_of_each() -> None:
    flat = TABLE.render(CHAIN, Canvas(100, flat=True))
    assert "so: " not in flat
    assert flat.count("somebody waits for ever") == len(CHAIN.findings)
    markdown = BY_NAME["markdown"]
    assert "\n  - " in markdown.render(CHAIN, Canvas(100))
    assert "\n  - " not in markdown.render(CHAIN, Canvas(100, flat=True))


def test_json_has_the_forest() -> None:
    told = json.loads(BY_NAME["json"].render(CHAIN, Canvas()))
    root, alone = told["forest"]
    assert root["finding"] == FILE.fingerprint
    assert root["follows"][0]["unchecked"] == ["invariant other"]
    assert alone == {"finding": OTHER.fingerprint}
    assert "forest" not in json.loads(BY_NAME["json"].render(report(OTHER), Canvas()))


def test_a_name_of_another_kind_than_a_call_is_its_own() -> None:
    steps = [
        replace(
            finding("step-refused", "journey", "asks", None, None, facet=name), ref=ObjectRef("journey", ("asks",)),
            because=(FILE,),
        )
        for name in ("first", "second")
    ]  # fmt: skip
    text = TABLE.render(report(FILE, *steps), Canvas(100))
    assert "so: SB053 step-refused: journey asks, first and second\n" in text


def test_places_that_share_no_folder_are_named_whole() -> None:
    apart = replace(CALLS[1], locations=(Location("/srv/c.ts", 9, 5, "x", 1),))
    text = TABLE.render(report(FILE, COLUMN, CALLS[0], apart), Canvas(120))
    assert "so: SC002 unknown-column: 2 times: /srv/c.ts:9, app/src/a.ts:7" in text

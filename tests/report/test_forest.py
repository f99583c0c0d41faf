"""The forest of causes: what stands below what, how much that is, and how it is printed."""

from __future__ import annotations

import json
import re

import pytest
from msgspec.structs import replace

from reported import LINKED, finding, report
from sessionaudit.core.finding import Finding, Location, Skipped
from sessionaudit.core.ref import ObjectRef, Spelled
from sessionaudit.report import Canvas
from sessionaudit.report.forest import forest
from sessionaudit.report.formats import FORMATS, TABLE
from sessionaudit.report.tree import rolled_up, shortened

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
    rights = [finding("excess-access", "access", f"public/t/{role}", None, None) for role in ("anon", "app", "web")]
    (one,) = forest([FILE, *(replace(right, because=(FILE,)) for right in rights)])
    assert rolled_up(one) == "Because of this: 3 access rights."


def test_a_row_that_violates_two_invariants_is_not_counted_twice() -> None:
    """Which rows two invariants of a table have in common is not known; those of two tables are not the same."""
    ours, longer = (replace(ROWS, holder="rows of public.t", rows=number) for number in (43, 50))
    longer = replace(longer, ref=ObjectRef("invariant", ("longer",)))
    elsewhere = replace(longer, ref=ObjectRef("invariant", ("else",)), holder="rows of public.u", rows=7)
    for rows, said in (
        ((ours, longer), "2 invariants, 1 column, at least 50 rows"),
        ((ours, elsewhere), "2 invariants, 1 column, 50 rows"),
        ((ours, longer, elsewhere), "3 invariants, 1 column, at least 57 rows"),
    ):
        (root,) = forest([FILE, COLUMN, *rows])
        assert rolled_up(root) == f"Because of this: {said}."
    text = TABLE.render(report(FILE, COLUMN, ours, longer), Canvas(104))
    assert "kept (43 rows), longer (50 rows)" in text
    assert "at least 50 rows" in text


def test_the_chain_is_printed_as_a_tree() -> None:
    text = TABLE.render(CHAIN, Canvas(104))
    start, _, rest = text.partition("\n\n")
    assert start.splitlines()[0].startswith("Causes, and what follows")
    assert start.splitlines()[1] == (
        "1 cause explains 4 of 6 findings, and why 1 part is not checked. Names without a schema are in public."
    )
    assert start[start.index("so:") :].splitlines() == [
        "so:  missing-column: t.c                                                          expected_schema.yaml:7",
        "  so:  orphaned-rows: invariant kept (43 rows)                                    expected_schema.yaml:7",
        "  so:  unknown-column in app/src: a.ts:7, b/c.ts:9",
        "  so:  not checked: invariant other",
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
            assert one.rule.name in text
            assert one.rule.code in text or not canvas.verbose
        assert all("".join(part.what.split()) in text for part in told.skipped if "invariant" not in part.what)
        assert text.count("causeSA201") == (3 * (told is CHAIN) + (told is LINKED)) * canvas.flat


def test_a_flat_list_has_the_details_of_each() -> None:
    flat = TABLE.render(CHAIN, Canvas(100, flat=True))
    assert "so:  " not in flat
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
    assert "so:  step-refused: journey asks (first, second)  " in text


def test_places_that_share_no_folder_are_named_whole() -> None:
    apart = replace(CALLS[1], locations=(Location("/srv/c.ts", 9, 5, "x", 1),))
    text = TABLE.render(report(FILE, COLUMN, CALLS[0], apart), Canvas(120))
    assert "so:  unknown-column: /srv/c.ts:9, app/src/a.ts:7" in text


def told_below(root: Finding, *findings: Finding, width: int = 100) -> list[str]:
    """The lines below a root, without blanks at their ends, and the first line of all."""
    story = TABLE.render(report(root, *findings), Canvas(width)).partition("\n\n")[0]
    return [line.strip() for line in story.splitlines()[1:] if line.lstrip().startswith("so:") or "explain" in line]


def below(rule: str, kind: str, path: str, line: int, facet: str = "", file: str = "expected_schema.yaml") -> Finding:
    one = finding(rule, kind, path, "x", None, facet=facet)
    return replace(one, locations=(Location(file, line, 5),), because=(FILE,))


def test_calls_in_one_file_are_named_by_their_lines() -> None:
    again = replace(CALLS[0], ref=ObjectRef("call", ("again",)), locations=(Location("app/src/a.ts", 12, 5, "x", 1),))
    assert told_below(FILE, COLUMN, *CALLS, again)[-1] == "so:  unknown-column in app/src: a.ts:7, 12, b/c.ts:9"


def test_a_name_leaves_out_what_is_clear() -> None:
    constraint = below("foreign-key-target", "foreign_key", "public/t/t_x_fkey", 20)
    same = below("recorded-not-there", "migration", "1", 9, file="1.sql")
    function = below("missing-function", "function", "public/f/(integer)", 30)
    table = below("missing-publication", "publication", "changes/public/t", 40)
    index = below("missing-index", "index", "other/t/i", 50)
    assert [" ".join(line.split()) for line in told_below(FILE, constraint, same, function, table)] == [
        "1 cause explains 4 of 5 findings. Names without a schema are in public.",
        "so: foreign-key-target: t_x_fkey expected_schema.yaml:20",
        "so: recorded-not-there: the same migration same file:9",
        "so: missing-function: f(integer) expected_schema.yaml:30",
        "so: missing-publication: changes.t expected_schema.yaml:40",
    ]
    two = told_below(FILE, constraint, index)  # in two schemas
    assert two[0] == "1 cause explains 2 of 3 findings."
    assert any("public.t.t_x_fkey" in line for line in two)
    assert two[-1].startswith("so:  warning missing-index: other.t.i"), "an error needs no word"


@pytest.mark.parametrize(
    ("kind", "path", "printed"),
    [
        ("column", "public/t/t_id", "t.t_id"),  # not every name that begins with that of its table says which it is
        ("foreign_key", "public/t/u_x_fkey", "t.u_x_fkey"),
        ("key", "public/t/t_a_key1", "t_a_key1"),
        ("index", "public/my.t/my.t_a_idx", '"my.t_a_idx"'),
        ("column", 'public/a"b/c.d', '"a""b"."c.d"'),
        ("table", "public/public", "public"),
        ("column", "public/public/public", "public.public"),
        ("publication", "changes", "changes"),  # itself, and not one of its tables
        ("default_privileges", "owner", "owner"),
    ],
)
def test_a_short_name_is_that_of_one_object(kind: str, path: str, printed: str) -> None:
    other, named = below("missing-table", "table", "public/other", 7), below("column-default", kind, path, 8)
    last = told_below(FILE, other, named)[-1]
    assert " ".join(last.split()).rpartition(" ")[0].endswith(f" {printed}")


def test_what_is_in_all_schemas_is_in_none() -> None:
    everywhere = below("column-default", "default_privileges", "owner/x", 8)
    everywhere = replace(everywhere, ref=ObjectRef("default_privileges", ("owner", Spelled(".*"))))
    assert told_below(FILE, everywhere)[0] == "1 cause explains 1 of 2 findings."


def test_a_file_is_left_out_only_below_a_line_that_names_no_other() -> None:
    sql = below("recorded-not-there", "migration", "2", 9, file="2.sql")
    both = (below("missing-column", "column", "public/t/a", 3), below("missing-column", "column", "public/t/b", 4))
    two = (both[0], replace(both[1], locations=(Location("2.sql", 4),)))
    for above, place in ((two, "2.sql:9"), ((two[1],), "same file:9"), (both, "2.sql:9")):
        assert told_below(FILE, *above, replace(sql, because=above))[-1].endswith(f" {place}")


def test_a_place_is_there_at_any_width() -> None:
    rules = {"missing-column": 1, "column-type": 20, "column-default": 30, "column-nullability": 60}
    named = [below(rule, "column", f"public/t/{'c' * length}", 200 + length) for rule, length in rules.items()]
    more = [below("missing-index", "index", f"public/t/i{number}", number) for number in (10, 11)]
    for width in range(40, 120, 3):
        story = " ".join(TABLE.render(report(FILE, *named, *more), Canvas(width)).partition("\n\n")[0].split())
        assert all(re.search(rf":{200 + length}\b", story) for length in rules.values()), width
        assert re.search(":10, 11\\b", story), width
        assert ("lines without a file" in story) is (re.search(r"(?<!yaml):\d\d", story) is not None), width


def test_a_message_does_not_repeat_the_place_above_it() -> None:
    place = Location("db/1.sql", 3)
    text = "It fails (db/1.sql:3:7) at db/1.sql:5:18, after db/2.sql:12:1, not at x/db/1.sql:5."
    assert shortened(text, place) == "It fails at line 5, after 2.sql:12, not at x/db/1.sql:5."
    assert shortened(text, None) == text
    longer = "It is in old-db/1.sql:3, ~db/2.sql:4 and é/db/1.sql:5."
    assert shortened(longer, place) == longer
    assert shortened("It is in old-1.sql:3.", Location("1.sql", 3)) == "It is in old-1.sql:3."

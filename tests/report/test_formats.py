"""The formats, held against goldens; `pytest --regen` rewrites these, for you to read."""

from __future__ import annotations

import datetime as dt
import json
import re
from pathlib import Path
from typing import TYPE_CHECKING

import jsonschema
import pytest
from msgspec.structs import replace

from sessionaudit.core.finding import Finding, Location, Severity, Skipped, Waiver
from sessionaudit.core.ref import ObjectRef, dotted
from sessionaudit.core.report import Database, Outcome, Report
from sessionaudit.kinds import NOT_AUDITED
from sessionaudit.report import Canvas
from sessionaudit.report.formats import FORMATS, TABLE
from sessionaudit.report.formats.table import NEVER
from sessionaudit.rulebook import RULES

if TYPE_CHECKING:
    from sessionaudit.report.format import Format

JSON = next(one for one in FORMATS if one.name == "json")
TOP = Path(__file__).parents[2]
GOLDENS = Path(__file__).parent / "goldens"
LONG = "a_constraint_with_a_name_of_sixty_three_bytes_which_is_the_longest"


def finding(
    rule: str,
    kind: str,
    path: str,
    expected: str | None,
    actual: str | None,
    line: int = 7,
    facet: str = "",
    definition: str | None = None,
) -> Finding:
    parts = tuple(path.split("/"))
    ref = ObjectRef(kind, parts)
    return Finding(
        rule=RULES[rule],
        severity=RULES[rule].severity,
        ref=ref,
        facet=facet,
        expected=expected,
        actual=actual,
        definition=definition,
        message=f"The {kind} {ref.name} of {ref.parent} is not what it should be: somebody waits for ever.",
        locations=(Location("expected_schema.yaml", line),),
        audit="schema",
        holder=dotted(parts[:-1]) if len(parts) > 2 else str(ref),
    )


def report(
    *findings: Finding, skipped: tuple[Skipped, ...] = (), waived: tuple[tuple[Finding, Waiver], ...] = ()
) -> Report:
    return Report(
        database=Database("shop", "db.internal", "15.18", "auditor"),
        contract="expected_schema.yaml",
        findings=tuple(sorted(findings, key=lambda finding: -finding.severity)),
        waived=waived,
        outcomes=(
            Outcome(
                audit="schema",
                noun="object",
                skipped=skipped,
                checked={"table": 1, "column": 1204, "policy": 2, "index": 3},
            ),
            Outcome(audit="data", noun="invariant"),
        ),
    )


DRIFTED = report(
    finding("missing-column", "column", "public/sessions/metadata", "jsonb not null default '{}'::jsonb", None),
    finding(
        "foreign-key-target",
        "foreign_key",
        f"public/session_requests/{LONG}",
        f"foreign key (mechanic_id) references {LONG} (id)",
        f"foreign key (mechanic_id) references {LONG}2 (id)",
        190,
    ),
    finding(
        "policy-using",
        "policy",
        'public/session_requests/Weird; "Policy"',
        "customer_id = (select auth.uid()) and status = 'pending'",
        "((customer_id = ( SELECT auth.uid() AS uid)) AND (status = 'cancelled'::session_request_status))",
        facet="using",
        definition="'Weird; \"Policy\"': {for: all, to: [public], using: ((customer_id = ( SELECT auth.uid() AS uid)) "
        "AND (status = 'cancelled'::session_request_status))}",
    ),
    finding(
        "function-definition", "function", "public/touch/()", "sql", "plpgsql", 9, "language", "touch(): |-\n  a\n  b"
    ),
    finding("enum-values", "enum", "public/status", "[pending, accepted]", "[pending, unattended, accepted]"),
    *(finding("unexpected-column", "column", f"public/sessions/extra_{n}", None, "text") for n in range(5)),
    skipped=(
        Skipped(
            "policies",
            "the role auditor may not read pg_catalog.pg_policy",
            "grant select on pg_catalog.pg_policy to auditor;",
        ),
    ),
)
ACCEPTED = finding("column-type", "column", "public/sessions/status", "status", "text")
WAIVER = Waiver(
    rule=RULES["column-type"],
    object="public.sessions.status",
    reason="text until the enum lands",
    owner="platform",
    until=dt.date(2099, 12, 31),
    location=Location("expected_schema.yaml", 99),
)
CLEAN = report(waived=((ACCEPTED, WAIVER),))


@pytest.mark.parametrize("canvas", [Canvas(40), Canvas(80), Canvas(200), Canvas(100, verbose=True)], ids=str)
@pytest.mark.parametrize("format_", [one for one in FORMATS if not one.of_checklist], ids=str)
@pytest.mark.parametrize("told", [DRIFTED, CLEAN], ids=["drifted", "clean"])
def test_a_format_is_what_it_was(
    told: Report, format_: Format[Report], canvas: Canvas, request: pytest.FixtureRequest
) -> None:
    text = format_.render(told, canvas)
    kind = "clean" if told is CLEAN else "drifted"
    golden = GOLDENS / f"{kind}-{format_}-{canvas.width}{'-verbose' if canvas.verbose else ''}.txt"
    if request.config.getoption("--regen"):
        golden.write_text(text, encoding="utf-8")
    assert text == golden.read_text(encoding="utf-8")


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
    assert clean.startswith("Clean: ")
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
    for format_ in FORMATS:
        text = format_.render(told, canvas)
        assert "\\x1b" in text or "\\u001b" in text, format_.name
        assert not {"\x1b", "\u202e"} & set(text), format_.name

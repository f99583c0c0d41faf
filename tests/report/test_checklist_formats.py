"""The checklist as a page and as Markdown, held against goldens; `pytest --regen` rewrites these, for you to read."""

from __future__ import annotations

import datetime as dt
import json
import re
from pathlib import Path
from typing import TYPE_CHECKING

import jsonschema
import pytest
from msgspec.structs import replace

from sessionaudit.core.checklist import ChecklistPoint, Proof, ProofResult, ProvenPoint
from sessionaudit.core.finding import Finding, Location, Skipped, Waiver
from sessionaudit.core.printed_commands import CALLING
from sessionaudit.core.ref import ObjectRef
from sessionaudit.core.report import Database, ManualStep, Outcome, Report
from sessionaudit.report import Canvas
from sessionaudit.report.formats import FORMATS
from sessionaudit.rulebook import RULES

if TYPE_CHECKING:
    from sessionaudit.report.format import Format

BY_NAME = {one.name: one for one in FORMATS}
PAGE, MARKDOWN = BY_NAME["checklist"], BY_NAME["checklist-markdown"]
GOLDENS = Path(__file__).parent / "goldens"
SCHEMA = json.loads((Path(__file__).parents[2] / "schemas" / "report.schema.json").read_text(encoding="utf-8"))
LONG = "a_constraint_with_a_name_of_sixty_three_bytes_which_is_the_longest"
UNSEEN = "x\x1b[2J\u202e"


@pytest.fixture(autouse=True)
def _without_a_call() -> None:
    """The commands of the pages are those of nobody's call."""
    CALLING.forget()


def proof(text: str, *named: Finding) -> Proof:
    refs = tuple(one.ref for one in named)
    return Proof(text=text, location=Location("expected_schema.yaml", 300, 5), audit="schema", refs=refs)


def point(sentence: str, *results: ProofResult) -> ProvenPoint:
    proofs = tuple(one.proof for one in results)
    location = Location("expected_schema.yaml", 300, 3)
    return ProvenPoint(point=ChecklistPoint(sentence=sentence, location=location, proofs=proofs), results=results)


def finding(rule: str, kind: str, *path: str, line: int = 7) -> Finding:
    ref = ObjectRef(kind, path)
    return Finding(
        rule=RULES[rule],
        severity=RULES[rule].severity,
        ref=ref,
        facet="",
        expected="a",
        actual="b",
        message=f"The {kind} {ref.name} of {ref.parent} is not right: run `sessionaudit repair --only {ref.dotted}`.",
        locations=(Location("expected_schema.yaml", line, 5),),
        audit="schema",
        holder=ref.parent,
    )


CAUSE = finding("missing-table", "migration", "20251028000000")
MISSING = replace(finding("missing-column", "column", "public", "sessions", "metadata"), because=(CAUSE,))
KEY = finding("foreign-key-target", "foreign_key", "public", "session_requests", LONG, line=190)
EXTRA = tuple(finding("unexpected-policy", "policy", "public", "sessions", f"Extra {n}") for n in range(5))
ACCEPTED = finding("column-type", "column", "public", "sessions", "status")
WAIVER = Waiver(
    rule=RULES["column-type"],
    object="public.sessions.status",
    reason="text until the enum lands",
    owner="platform",
    until=dt.date(2099, 12, 31),
    location=Location("expected_schema.yaml", 99),
)
BARE = Report(
    database=Database("shop", "db.internal", "15.18", "auditor"),
    contract="expected_schema.yaml",
    findings=(),
    waived=((ACCEPTED, WAIVER),),
    outcomes=(Outcome(audit="schema", noun="object", checked={"table": 1}),),
)
DRIFTED = replace(
    BARE,
    findings=(MISSING, KEY, *EXTRA, finding("column-type", "column", "public", "other", "id")),
    outcomes=(Outcome(audit="schema", noun="object", skipped=(Skipped("policies", "nobody may read them"),)),),
)
RIGHT = ProofResult(proof=proof("column sessions.id"))
UNREADABLE = (
    Skipped("policies", "the role auditor may not read pg_catalog.pg_policy", "grant select on x to auditor;"),
    Skipped("rule missing-policy", "--only or --ignore leaves it out"),
)
POINTS = (
    point("`metadata` column exists in `sessions` table", RIGHT),
    point(
        "`mechanic_id` foreign key references `mechanics(id)` not `auth.users(id)`",
        ProofResult(proof=proof(f"constraint session_requests.{LONG}", KEY), findings=(KEY,)),
        RIGHT,
    ),
    point(
        "A sentence that goes on and on, until it is far too long for a line of a terminal, and then for one more",
        ProofResult(proof=proof("table sessions"), findings=(KEY, MISSING, *EXTRA)),
        ProofResult(proof=proof("rule missing-policy"), unchecked=UNREADABLE),
        ProofResult(proof=proof("policy sessions.p"), unchecked=UNREADABLE),
    ),
    point("Not looked at", ProofResult(proof=proof("policy sessions.q"), unchecked=UNREADABLE)),
    point("Accepted", ProofResult(proof=proof("column sessions.status", ACCEPTED), waived=((ACCEPTED, WAIVER),))),
    point(
        "[x] a | b <img src=x onerror=alert(1)> *bold* `code | <b>` ![i](http://e.org) @all #1 ~~no~~ &amp; \\ $x$ _y_",
        RIGHT,
    ),
    point("An unpaired ` and ``two`` <i>", RIGHT),
    point("1. first\n# heading\n- [ ] item", RIGHT),
)
BY_HAND = (ManualStep("What to do by hand", "sessionaudit rule blocking-column"),)
TOLD = replace(DRIFTED, checklist=POINTS, next=("sessionaudit repair",), by_hand=BY_HAND)
TICKED = replace(BARE, checklist=POINTS[:1] + POINTS[-1:])


@pytest.mark.parametrize("canvas", [Canvas(80), Canvas(140), Canvas(80, verbose=True)], ids=str)
@pytest.mark.parametrize("format_", [PAGE, MARKDOWN], ids=str)
def test_it_is_what_it_was(format_: Format[Report], canvas: Canvas, request: pytest.FixtureRequest) -> None:
    if format_ is MARKDOWN and canvas != Canvas(80):
        assert MARKDOWN.render(TOLD, canvas) == MARKDOWN.render(TOLD, Canvas(80))
        return
    text = "\n".join(format_.render(told, canvas) for told in (TOLD, TICKED))
    name = f"points-{format_}-{canvas.width}{'-verbose' if canvas.verbose else ''}.txt"
    if request.config.getoption("--regen"):
        (GOLDENS / name).write_text(text, encoding="utf-8")
    assert text == (GOLDENS / name).read_text(encoding="utf-8")


@pytest.mark.parametrize("width", [40, 80, 140])
def test_lines_fit_and_names_are_not_cut(width: int) -> None:
    text = PAGE.render(TOLD, Canvas(width))
    assert LONG in text
    longest = max((line for line in text.splitlines() if not re.search(r"\S{25,}", line)), key=len)
    assert len(longest) <= width, longest


def test_colours_change_nothing_but_colours() -> None:
    coloured = PAGE.render(TOLD, Canvas(80, colour=True))
    assert "\x1b[" in coloured
    assert re.sub(r"\x1b\[[0-9;]*m", "", coloured) == PAGE.render(TOLD, Canvas(80))


def test_what_is_not_seen_is_escaped_in_every_part() -> None:
    one = finding("column-type", "column", "public", f"t{UNSEEN}", f"c{UNSEEN}")
    one = replace(one, message=f"It is {UNSEEN}.", locations=(Location(f"f{UNSEEN}", 1),))
    waiver = replace(WAIVER, reason=UNSEEN, owner=UNSEEN)
    results = (
        ProofResult(proof=proof(f"column {UNSEEN}"), findings=(one,)),
        ProofResult(proof=proof(f"rule {UNSEEN}"), unchecked=(Skipped(UNSEEN, UNSEEN, UNSEEN),)),
        ProofResult(proof=proof(f"table {UNSEEN}"), waived=((one, waiver),)),
    )
    told = replace(TOLD, findings=(one,), checklist=(point(f"It is so{UNSEEN}", *results),), next=(f"c {UNSEEN}",))
    told = replace(told, by_hand=(ManualStep(f"b {UNSEEN}", f"c {UNSEEN}"),))
    for format_ in (PAGE, MARKDOWN, BY_NAME["json"]):
        text = format_.render(told, Canvas(80))
        assert not {"\x1b", "\u202e"} & set(text), format_.name
        assert text.count("\\u202e") >= 8, format_.name


def test_the_json_keeps_its_schema_and_has_each_state() -> None:
    data = json.loads(BY_NAME["json"].render(TOLD, Canvas()))
    jsonschema.validate(data, SCHEMA)
    states = [one["state"] for one in data["checklist"]]
    assert states == ["ticked", "failed", "failed", "not-checked", "waived", "ticked", "ticked", "ticked"]
    assert data["checklist"][4]["proofs"][0]["waived"] == [ACCEPTED.fingerprint]
    assert WAIVER.until == dt.date(2099, 12, 31)
    assert "checklist" not in json.loads(BY_NAME["json"].render(DRIFTED, Canvas()))


def render_markdown(told: Report) -> str:
    return MARKDOWN.render(told, Canvas())


def test_no_sentence_becomes_a_mark_of_markdown() -> None:
    ticks = [line for line in render_markdown(TOLD).splitlines() if line.startswith("- [x] ")]
    assert len(ticks) == 4
    hostile = ticks[1]
    bare = re.sub(r"`[^`]*`", "", hostile.removeprefix("- [x] "))  # what is no code
    assert not re.search(r"(?<!\\)[<>*|\[\]_&$#~]", bare), bare
    assert "`code | <b>`" in hostile

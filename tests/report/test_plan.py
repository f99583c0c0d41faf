"""How a plan is told, and how it is written as a script; held against goldens, which `pytest --regen` rewrites."""

from __future__ import annotations

import json
from pathlib import Path

import jsonschema
import pytest
from msgspec.structs import replace

from sessionaudit.audits.evaluation import Examination
from sessionaudit.audits.selection import Selection
from sessionaudit.contract.model import Contract
from sessionaudit.core.finding import Finding, Severity, Subject
from sessionaudit.core.held_back import Held, Uncured
from sessionaudit.core.ref import ObjectRef
from sessionaudit.core.report import Database, Report
from sessionaudit.core.schema import Schema
from sessionaudit.core.step import Debris, Hazard, LockLevel, Obstacle, Step
from sessionaudit.errors import UsageError
from sessionaudit.repair import script
from sessionaudit.repair.apply import Record, StepOutcome
from sessionaudit.repair.plan import Plan
from sessionaudit.repair.preflight import Preflight, RowsInWay
from sessionaudit.repair.propose import Proposal
from sessionaudit.report import Canvas
from sessionaudit.report import plan as page
from sessionaudit.report.formats.plan import FORMATS
from sessionaudit.report.formats.plan.content import PlanPage
from sessionaudit.rulebook import RULES

GOLDENS = Path(__file__).parent / "goldens"
SCHEMA = json.loads((Path(__file__).parents[2] / "schemas" / "plan.schema.json").read_text(encoding="utf-8"))
WEIRD = ("public", "Weird; Table", 'a "b" $repair$')

ADD = Step(
    action='Add the column public."Weird; Table"."a ""b"" $repair$"',
    ref=ObjectRef("column", WEIRD),
    sql=('alter table public."Weird; Table" add column "a ""b"" $repair$" text',),
    done="false",
    locks=(WEIRD[:2],),
    why="The column does not exist: every statement that names it fails.",
)
WITHOUT_NOTE = Obstacle(
    "select id as key, note from public.sessions where note is null", "have no note", "Write 100 %."
)
FILL = Step(
    action="Validate the check public.sessions.filled",
    ref=ObjectRef("check", ("public", "sessions", "filled")),
    sql=("alter table public.sessions validate constraint filled",),
    done="false",
    lock=LockLevel.SHARE_UPDATE_EXCLUSIVE,
    locks=(("public", "sessions"),),
    hazards=(Hazard.SCAN,),
    obstacle=WITHOUT_NOTE,
    repair="repairs/fill.sql",
    timeout=None,
    why="The constraint is not validated: existing rows may violate it.",
)
BUILD = Step(
    action="Build the index public.sessions.by_note concurrently",
    ref=ObjectRef("index", ("public", "sessions", "by_note")),
    sql=("create index concurrently by_note on public.sessions using btree (note)",),
    plain=("create index by_note on public.sessions using btree (note)",),
    done="false",
    lock=LockLevel.SHARE_UPDATE_EXCLUSIVE,
    locks=(("public", "sessions"),),
    hazards=(Hazard.SCAN,),
    concurrent=True,
    debris=Debris("true", "drop index concurrently public.by_note"),
    timeout=None,
)
BODY = Step(
    action="Define the function public.f()",
    ref=ObjectRef("function", ("public", "f", "()")),
    sql=("create function public.f() returns int language sql begin atomic; select 1; end",),
    done="false",
    lock=LockLevel.NONE,
)
DROP = Step(
    action="Drop the column public.sessions.old",
    ref=ObjectRef("column", ("public", "sessions", "old")),
    sql=("alter table public.sessions drop column old",),
    done="true",
    locks=(("public", "sessions"),),
    hazards=(Hazard.DATA_LOSS,),
)
ODD = Finding(
    rule=RULES["function-security"],
    severity=RULES["function-security"].severity,
    ref=ObjectRef("function", ("public", "f", "()")),
    facet="security",
    expected="security definer",
    actual="security invoker",
    message="The function public.f() runs as somebody else.",
    subject=Subject(None, None),
)
PLAN = Plan(
    steps=(ADD, FILL, BUILD, BODY),
    after=(frozenset(), frozenset({0}), frozenset(), frozenset()),
    repaired=((ODD, frozenset({3})),),
    path=("public", "Odd Path"),
    held=(Held("it deletes data (data-loss)", "--allow data-loss", step=DROP),),
    uncured=(Uncured(ODD, "There is no safe statement for it: a person must decide."),),
)
EMPTY = Plan(steps=(), after=(), repaired=(), path=("public",))
RECORDS = [
    Record(ADD, StepOutcome.APPLIED, seconds=0.01),
    Record(FILL, StepOutcome.BLOCKED, "check constraint “filled” is violated by some row. Write 100 %.", rows=2),
    Record(BUILD, StepOutcome.ALREADY),
    Record(BODY, StepOutcome.FAILED, "syntax error (42601)"),
]


def proposal(plan: Plan) -> Proposal:
    report = Report(
        database=Database("shop", "db.internal", "15.18", "auditor"),
        contract="expected_schema.yaml",
        findings=(),
        waived=(),
        outcomes=(),
    )
    contract = Contract(file="expected_schema.yaml", sources=(), schema="public", objects={}, rules={}, waivers=())
    rows = (RowsInWay(1, FILL, 2, WITHOUT_NOTE, ("7 (null)", "9 (null)")),) if plan.steps else ()
    flight = Preflight(
        refusals=(("Drop it: the role dba must own public.sessions", "alter table public.sessions owner to dba;"),),
        rows=rows,
        notes=("A transaction has been open for 7 minutes (pid 12): concurrent index builds wait until it ends.",),
    )
    return Proposal(
        examination=Examination(
            report=report,
            contract=contract,
            actual=Schema(objects={}, schemas=frozenset()),
            selection=Selection(only=(), ignore=(), schema="public"),
        ),
        plan=plan,
        preflight=flight if plan.steps else Preflight(refusals=(), rows=(), notes=()),
        repairs={},
    )


def hold(name: str, text: str, request: pytest.FixtureRequest) -> None:
    """Compare with a golden, or write it anew."""
    golden = GOLDENS / f"{name}.txt"
    if request.config.getoption("--regen"):
        golden.write_text(text, encoding="utf-8")
    assert text == golden.read_text(encoding="utf-8")


@pytest.mark.parametrize("width", [40, 80, 200])
def test_a_plan_is_told_as_it_was(width: int, request: pytest.FixtureRequest) -> None:
    text = page.table(proposal(PLAN), Canvas(width), told=[("Next", "sessionaudit repair --apply")])
    hold(f"plan-table-{width}", text, request)
    unbreakable = max(map(len, text.split()))
    assert max(map(len, text.splitlines())) <= max(width, unbreakable + 13)


def test_what_became_of_it_is_told_as_it_was(request: pytest.FixtureRequest) -> None:
    hold("plan-summary", page.summary(RECORDS, Canvas(80)), request)


def test_the_counts_of_the_script_and_of_the_screen_agree() -> None:
    note = replace(ODD, severity=Severity.NOTE)
    plan = replace(
        PLAN, uncured=(*PLAN.uncured, Uncured(ODD, "Name it.", unasked=True), Uncured(note, "", unasked=True))
    )
    head = script.render(plan, title="Repair of a test.", transactional=False, repairs={})
    assert "Steps: 4; held back: 1; without a cure: 1; left unchanged: 1; notes ignored: 1." in " ".join(head.split())
    told = " ".join(page.table(proposal(plan), Canvas(200)).split())
    assert "4 steps, 1 held back, 1 finding without a cure, 1 finding left unchanged, 1 note ignored." in told


def test_nothing_to_do_is_one_line() -> None:
    assert page.table(proposal(EMPTY), Canvas(80)) == "Nothing to repair.\n"


def test_json_keeps_its_schema() -> None:
    (as_json,) = (one for one in FORMATS if one.name == "json")
    applied = PlanPage(proposal=proposal(PLAN), records=RECORDS, left=["It is still there."])
    for told in (PlanPage(proposal=proposal(PLAN)), applied):
        jsonschema.validate(json.loads(as_json.render(told, Canvas())), SCHEMA)


@pytest.mark.parametrize("transactional", [False, True], ids=["steps", "transaction"])
def test_a_script_is_what_it_was(transactional: bool, request: pytest.FixtureRequest) -> None:
    repairs = {"repairs/fill.sql": "-- Fills it.\nupdate sessions set note = '%' where id = any (%(keys)s)\n"}
    text = script.render(PLAN, title="Repair of a test.", transactional=transactional, repairs=repairs)
    hold(f"plan-script-{'transaction' if transactional else 'steps'}", text, request)


def test_one_transaction_cannot_use_the_value_that_it_adds() -> None:
    add = Step(
        action="Add the value",
        ref=ObjectRef("enum", ("public", "status")),
        sql=("alter type public.status add value 'new'",),
        done="false",
    )
    use = Step(
        action="Use the value",
        ref=ObjectRef("column", ("public", "t", "c")),
        sql=("alter table public.t alter column c set default 'new'",),
        done="false",
    )
    plan = Plan(steps=(add, use), after=(frozenset(), frozenset()), repaired=(), path=("public",))
    script.render(plan, title="", transactional=False, repairs={})
    with pytest.raises(UsageError, match="which uses the new value"):
        script.render(plan, title="", transactional=True, repairs={})

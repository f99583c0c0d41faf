"""What surrounds `repair --apply`: the plan that was saved for it, the way back, its log, and the word to PostgREST."""

from __future__ import annotations

import json
from datetime import datetime
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import pytest
from msgspec.structs import replace

from applying import APPLY, ASKED, CONTRACT, NAMED, REPAIR, SAVED, finish, rows, running, until
from caserunner import traces
from marks import one_in
from mending import run_plan
from servers import connect
from sessionaudit.audits import runner
from sessionaudit.core.step import Step
from sessionaudit.demo import system
from sessionaudit.errors import UsageError
from sessionaudit.repair import propose, saved_plan, saved_proposal
from sessionaudit.repair.apply import StepOutcome
from sessionaudit.repair.plan import Plan

if TYPE_CHECKING:
    from pathlib import Path

    from conftest import MakeDatabase, Template

SAVE = ("repair", "--contract", CONTRACT, "--allow", "all", "--with-data", "--save-plan", "plan.json")


@pytest.fixture
def url(make_database: MakeDatabase, template: Template) -> str:
    return make_database(template("broken", system.statements(system.BROKEN)))


def events(folder: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (folder / "log").read_text(encoding="utf-8").splitlines()]


def outcomes(folder: Path) -> list[str]:
    return [event["outcome"] for event in events(folder) if event["event"] == "ends"]


def clean(url: str) -> bool:
    return not runner.run(url, CONTRACT, runner.Options(without=("data",))).findings


# A saved plan


def test_a_saved_plan_is_applied_as_it_was(url: str, tmp_path: Path) -> None:
    before = traces(url)
    finish(tmp_path, url, *SAVE, *NAMED)
    assert traces(url) == before
    saved = json.loads((tmp_path / "plan.json").read_text(encoding="utf-8"))["steps"]
    finish(tmp_path, url, *SAVED, "--plan", "plan.json")
    begun = [event for event in events(tmp_path) if event["event"] == "begins"]
    assert [(event["step"], event["sql"]) for event in begun] == [(step["action"], step["sql"]) for step in saved]
    assert set(outcomes(tmp_path)) == {"applied"}
    assert clean(url)


def test_a_saved_plan_does_no_more_than_it_says(url: str, tmp_path: Path) -> None:
    finish(tmp_path, url, *SAVE, "--only", "disabled-trigger")
    finish(tmp_path, url, *SAVED, "--plan", "plan.json", code=1)
    assert outcomes(tmp_path) == ["applied"]


CARRIED = "what depends on enum public.session_request_status"
CHANGES = {
    "alter table public.session_requests alter column notification_sent_at set default '2001-01-01'": {
        "column public.session_requests.notification_sent_at"
    },
    "alter table public.sessions enable always trigger trg_sessions_updated": {
        "trigger public.sessions.trg_sessions_updated"
    },
    "alter type public.session_request_status add value 'lost'": {"enum public.session_request_status"},
    'alter policy "Mechanics can accept requests" on public.session_requests using (true)': {
        'policy public.session_requests."Mechanics can accept requests"',
        CARRIED,
    },
    'alter policy "Customers can cancel own requests" on public.session_requests using (status is null)': {CARRIED},
    "alter table public.session_requests drop constraint session_requests_mechanic_id_fkey": {
        "foreign key public.session_requests.session_requests_mechanic_id_fkey"
    },
}


@pytest.mark.parametrize("changes", [*one_in(2, [[change] for change in CHANGES]), list(CHANGES)[:2]], ids=str)
def test_a_saved_plan_is_refused_when_what_it_touches_has_changed(url: str, tmp_path: Path, changes: list[str]) -> None:
    finish(tmp_path, url, *SAVE, *NAMED)
    with connect(url) as connection:
        for change in changes:
            connection.execute(change.encode())
    before = traces(url)
    said = finish(tmp_path, url, *SAVED, "--plan", "plan.json", code=4)
    names = said.splitlines()[0].partition("plan was made: ")[2].split(", ")
    assert sorted(names) == sorted(set().union(*(CHANGES[change] for change in changes)))
    assert traces(url) == before


def test_a_saved_plan_is_refused_when_somebody_made_something_else_of_what_it_makes(url: str, tmp_path: Path) -> None:
    finish(tmp_path, url, *SAVE, *NAMED)
    with connect(url) as connection:
        connection.execute("alter table public.session_requests add column metadata text")
    assert "column public.session_requests.metadata" in finish(tmp_path, url, *SAVED, "--plan", "plan.json", code=4)


def test_a_saved_plan_that_was_begun_goes_on(url: str, tmp_path: Path) -> None:
    finish(tmp_path, url, *SAVE, *NAMED)
    call = (*SAVED, "--plan", "plan.json")
    with running(tmp_path, url, *call, log="first") as process:
        until(lambda: len(process.events("begins")) > 4)
        process.kill()
    finish(tmp_path, url, *call)
    assert clean(url)


@pytest.mark.thorough
def test_a_saved_plan_goes_on_after_each_of_its_steps(url: str, tmp_path: Path) -> None:
    options = ASKED
    proposal = propose.propose(url, CONTRACT, options)
    file = tmp_path / "plan.json"
    file.write_text(saved_proposal.dump(proposal, CONTRACT), encoding="utf-8")
    steps, none = proposal.plan.steps, frozenset[int]()
    for step in steps:
        one = replace(proposal.plan, steps=(step,), after=(none,), repaired=())
        assert [record.outcome for record in run_plan(url, replace(proposal, plan=one))] == [StepOutcome.APPLIED]
        assert (
            saved_proposal.recall(url, CONTRACT, options, saved_plan.load(file)).plan.steps
            == saved_plan.load(file).steps
        )
    assert clean(url)


# What is of use only while a plan is made.
OF_PLANNING = {"beside", "requires", "follows", "reads", "around", "rehearsal", "called"}


def test_a_saved_plan_keeps_all_of_its_steps(url: str, tmp_path: Path) -> None:
    found = propose.propose(url, CONTRACT, replace(ASKED, allowed=frozenset()))  # with what is to be looked for
    steps = (*found.plan.steps, *(held.step for held in found.plan.held))
    plan = replace(found.plan, steps=steps, after=(frozenset[int](),) * len(steps), repaired=())
    file = tmp_path / "plan.json"
    file.write_text(saved_proposal.dump(replace(found, plan=plan), CONTRACT), encoding="utf-8")
    for step, kept in zip(steps, saved_plan.load(file).steps, strict=True):
        assert kept == replace(step, **{name: getattr(kept, name) for name in OF_PLANNING})
    for field in set(Step.__struct_fields__) - OF_PLANNING - {"plain", "settings", "wishes"}:
        assert len({repr(getattr(step, field)) for step in steps}) > 1, field


BROKEN = ["", "[]", "{}", "null", '{"version": 1}', '{"version": 2}', '{"version": 1, "steps": [{}]}', "\0"]


@pytest.mark.parametrize("text", BROKEN)
def test_a_file_that_is_no_plan_is_refused(tmp_path: Path, text: str) -> None:
    file = tmp_path / "plan.json"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(UsageError, match=r"plan\.json"):
        saved_plan.load(file)


def test_a_plan_of_another_version_is_refused(tmp_path: Path) -> None:
    """Which may have the same words, and mean something else by them."""
    file = tmp_path / "plan.json"
    empty = Plan(steps=(), repaired=(), after=(), path=("public",))
    text = saved_plan.dump(empty, {}, {}, {}, ())
    file.write_text(text, encoding="utf-8")
    assert saved_plan.load(file).steps == ()
    for version in (saved_plan.VERSION - 1, saved_plan.VERSION + 1):
        file.write_text(json.dumps({**json.loads(text), "version": version}), encoding="utf-8")
        with pytest.raises(UsageError, match=rf"version {version}; this program reads version {saved_plan.VERSION}"):
            saved_plan.load(file)


@pytest.mark.parametrize("text", [BROKEN[-1], None], ids=["broken", "missing"])
def test_without_a_plan_nothing_is_changed(url: str, tmp_path: Path, text: str | None) -> None:
    if text is not None:
        (tmp_path / "plan.json").write_text(text, encoding="utf-8")
    before = traces(url)
    said = finish(tmp_path, url, *SAVED, "--plan", "plan.json", code=2)
    assert said.startswith("error: ")
    assert "plan.json" in said
    assert traces(url) == before


# The way back


def facts(url: str) -> dict[tuple[str, Any], Any]:
    """All objects that the contract names, touched or not, as they are."""
    found = runner.examine(url, CONTRACT, runner.Options(without=("data",))).actual.objects
    return {(kind, path): value for kind, objects in found.items() for path, value in objects.items()}


def test_the_contract_of_before_leads_back(url: str, tmp_path: Path) -> None:
    """What stays: the rows of a check have been looked at, and those that were mended fit no old foreign key."""
    before = facts(url)
    finish(tmp_path, url, *REPAIR, "--before", "before.yaml")
    assert clean(url)
    said = finish(tmp_path, url, *APPLY, "-c", "before.yaml")
    after = facts(url)
    assert before.keys() == after.keys()
    check = ("check", ("public", "sessions", "sessions_status_check"))
    key = ("foreign_key", ("public", "session_requests", "session_requests_mechanic_id_fkey"))
    assert {name: after[name] for name in before if after[name] != before[name]} == {
        check: replace(before[check], validated=True),
        key: replace(before[key], validated=False),
    }
    assert "4 rows point to no row of auth.users" in " ".join(said.split())


# The log, and PostgREST


def test_the_log_says_what_was_done_and_none_of_what_is_in_the_rows(url: str, tmp_path: Path) -> None:
    secrets = {str(value) for some in rows(url).values() for row in some for value in row.values()}
    secrets = {value for value in secrets if "@" in value or value.startswith("+1 ") or value.count("-") > 3}
    assert len(secrets) > 50
    finish(tmp_path, url, *REPAIR)
    found = events(tmp_path)
    for one in found:
        assert datetime.fromisoformat(one["at"]).tzinfo is not None
        assert one["event"] in {"begins", "waits", "mends", "ends"}
    assert sorted(one["at"] for one in found) == [one["at"] for one in found]
    begun = [one for one in found if one["event"] == "begins"]
    ended = [one for one in found if one["event"] == "ends"]
    assert [one["number"] for one in begun] == [one["number"] for one in ended] == list(range(1, len(begun) + 1))
    assert all(one["sql"] and one["object"] and one["step"] for one in begun)
    assert {one["outcome"] for one in ended} == {"applied"}
    assert sum(one["rows"] for one in ended) == 5
    assert all(0 <= one["seconds"] < 30 for one in ended)
    for file in ("log", "stdout", "stderr", "log.before.yaml"):
        text = (tmp_path / file).read_text(encoding="utf-8")
        assert (urlsplit(url).password or "hunter2") not in text
        assert not [secret for secret in secrets if secret in text], file
    finish(tmp_path, url, *REPAIR, "--only", "nothing-such", code=2)
    assert events(tmp_path) == found  # to which a next run appends


def test_what_a_value_makes_fail_is_told_without_the_value(database: str, tmp_path: Path) -> None:
    contract = tmp_path / "ages.yaml"
    contract.write_text("version: 1\ntables: {people: {columns: {age: int}}}\n", encoding="utf-8")
    with connect(database) as connection:
        connection.execute("create table public.people (age text)")
        proposal = propose.propose(database, contract, ASKED)
        connection.execute("insert into public.people values ('hunter2')")
    (record,) = run_plan(database, proposal)
    assert record.outcome not in {StepOutcome.APPLIED, StepOutcome.ALREADY}
    assert record.detail
    assert "hunter2" not in record.detail


def test_postgrest_is_told_once_of_what_was_done_and_of_nothing_else(url: str, tmp_path: Path) -> None:
    with connect(url) as postgrest:
        postgrest.execute("listen pgrst")
        for heard in ([("pgrst", "reload schema")], []):
            finish(tmp_path, url, *REPAIR)
            assert [(one.channel, one.payload) for one in postgrest.notifies(timeout=0.1)] == heard

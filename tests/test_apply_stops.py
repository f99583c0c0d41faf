"""A step that fails stops what follows from it, and nothing else, whatever it fails for."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from msgspec.structs import replace

from mending import ALL, Silent, run_plan
from servers import connect
from sessionaudit.postgres.connection import connect as open_connection
from sessionaudit.repair import propose
from sessionaudit.repair.apply import Manner, StepOutcome, apply

if TYPE_CHECKING:
    from pathlib import Path

    from sessionaudit.repair.apply import Record

CONTRACT = """
version: 1
functions: {touch(): "returns trigger language plpgsql as $$ begin return new; end $$"}
tables:
  a: {columns: {id: int, one: text, two: text}, triggers: {t: before update for each row execute function touch()}}
  b: {columns: {id: int, three: text}}
"""
FAILING = """
create function fail() returns event_trigger language plpgsql as $$
begin
  if current_query() ~ 'function touch|function public.touch' and pg_my_temp_schema() = 0 then
    raise exception 'no' using errcode = '{}';
  end if;
end $$;
create event trigger fail on ddl_command_start when tag in ('CREATE FUNCTION') execute function fail()"""
# Of another owner, cancelled, a full disk, a broken file, a limit of the server's, something of the trigger's own.
STATES = ["55000", "57014", "53100", "XX001", "54000", "P0001", "42501"]


@pytest.fixture
def contract(database: str, tmp_path: Path) -> Path:
    with connect(database) as connection:
        connection.execute("create table a (id int); create table b (id int)")
    file = tmp_path / "contract.yaml"
    file.write_text(CONTRACT, encoding="utf-8")
    return file


@pytest.mark.parametrize("state", STATES)
def test_a_failure_stops_what_follows_from_it(database: str, contract: Path, state: str) -> None:
    with connect(database) as connection:
        connection.execute(FAILING.format(state).encode())
    records = run_plan(database, propose.propose(database, contract, ALL))
    assert {record.step.action: record.outcome for record in records} == {
        "Create the function public.touch()": StepOutcome.FAILED,
        "Create the trigger public.a.t": StepOutcome.NOT_REACHED,
        "Add the column public.a.one": StepOutcome.APPLIED,
        "Add the column public.a.two": StepOutcome.APPLIED,
        "Add the column public.b.three": StepOutcome.APPLIED,
    }
    (missed,) = (record for record in records if record.outcome is StepOutcome.NOT_REACHED)
    assert missed.detail == "it depends on “Create the function public.touch()”"


def test_a_lock_that_never_comes_free_is_waited_for_once(database: str, contract: Path) -> None:
    proposal, listener = propose.propose(database, contract, ALL), Silent()
    with connect(database) as connection, connection.transaction():
        connection.execute("lock table a in access share mode")
        manner = Manner(lock_timeout=0.01, lock_wait=0.2)
        records = apply(lambda: open_connection(database), proposal.plan, manner, listener)
    failed = [record.step.action for record in records if record.outcome is StepOutcome.FAILED]
    assert failed == ["Add the column public.a.one", "Add the column public.a.two"]
    assert all("no lock" in record.detail for record in records if record.outcome is StepOutcome.FAILED)
    assert {step.action for step, _ in listener.waited} == {"Add the column public.a.one"}
    applied = {record.step.action for record in records if record.outcome is StepOutcome.APPLIED}
    assert applied >= {"Add the column public.b.three", "Create the function public.touch()"}


# A step with another statement, or another proof of its result.


def outcomes_with(url: str, contract: Path, **other: object) -> tuple[Record, StepOutcome]:
    """Apply the plan with something else in the step of the function: what became of it, and of the trigger."""
    proposal = propose.propose(url, contract, ALL)
    steps = [replace(one, **other) if one.ref.kind == "function" else one for one in proposal.plan.steps]
    records = run_plan(url, replace(proposal, plan=replace(proposal.plan, steps=tuple(steps))))
    found = {record.step.ref.kind: record for record in records}
    return found["function"], found["trigger"].outcome


def is_there(url: str, relation: str) -> bool:
    with connect(url) as connection:
        return connection.execute("select to_regclass(%s) is not null", (relation,)).fetchone() == (True,)


@pytest.mark.parametrize("concurrent", [False, True], ids=["in a transaction", "outside of one"])
def test_what_ran_without_its_result_has_failed(database: str, contract: Path, concurrent: bool) -> None:
    sql = ("create table public.trace ()",)
    record, trigger = outcomes_with(database, contract, sql=sql, concurrent=concurrent)
    assert (record.outcome, record.detail) == (StepOutcome.FAILED, "it ran, but its result is not as expected")
    assert trigger is StepOutcome.NOT_REACHED
    assert is_there(database, "public.trace") is concurrent


@pytest.mark.parametrize("concurrent", [False, True], ids=["in a transaction", "outside of one"])
def test_what_is_done_is_not_run(database: str, contract: Path, concurrent: bool) -> None:
    sql = ("create table public.trace ()",)
    record, _ = outcomes_with(database, contract, sql=sql, concurrent=concurrent, done="true")
    assert (record.outcome, record.detail) == (StepOutcome.ALREADY, "")
    assert not is_there(database, "public.trace")


def test_what_takes_longer_than_it_may_is_cancelled(database: str, contract: Path) -> None:
    record, trigger = outcomes_with(database, contract, sql=("select pg_catalog.pg_sleep(60)",), timeout=0.02)
    assert (record.outcome, trigger) == (StepOutcome.FAILED, StepOutcome.NOT_REACHED)
    assert record.detail == "canceling statement due to statement timeout (57014)"
    assert record.seconds < 30


def test_a_plan_that_changes_nothing_tells_postgrest_of_nothing(database: str, contract: Path) -> None:
    proposal = propose.propose(database, contract, ALL)
    with connect(database) as postgrest:
        postgrest.execute("listen pgrst")
        for outcome, heard in ((StepOutcome.APPLIED, ["reload schema"]), (StepOutcome.ALREADY, [])):
            assert {record.outcome for record in run_plan(database, proposal)} == {outcome}
            assert [one.payload for one in postgrest.notifies(timeout=0.05)] == heard

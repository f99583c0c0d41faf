"""`repair --apply` that is cut off, interrupted, deadlocked or overtaken: it recovers, or says what is in doubt."""

from __future__ import annotations

from collections import Counter
from functools import partial
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import pytest

from applying import (
    APPLY,
    ASKED,
    AT_TABLE,
    CONTRACT,
    OURS,
    PETS,
    REPAIR,
    WAITING,
    beside,
    cut,
    done,
    finish,
    gated,
    held,
    hold,
    let_go,
    mended,
    pets,
    pids,
    running,
    state,
    until,
    with_setting,
)
from caserunner import traces
from mending import Silent
from servers import connect
from sessionaudit.postgres import locks
from sessionaudit.postgres.connection import connect as open_connection
from sessionaudit.repair import apply as applying
from sessionaudit.repair import propose
from sessionaudit.repair.apply import Manner, Record, StepOutcome

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    import psycopg

    from conftest import MakeDatabase, Template
    from servers import DatabaseServer
    from sessionaudit.core.step import Step
    from sessionaudit.repair.propose import Proposal

LOST = "the connection was lost"
WHO = ("the worker", "the guard", "both")


class Meddler(Silent):
    """A listener that does something when a step begins, before the server hears of it."""

    def __init__(self, meddle: Callable[[int], object]) -> None:
        super().__init__()
        self._meddle = meddle

    def begins(self, number: int, step: Step) -> None:
        self._meddle(number)


def perform(url: str, proposal: Proposal, listener: Silent, *, at: str = "", **manner: Any) -> list[Record]:
    """Apply a plan; `at` is another URL for the applier's connections."""
    how = Manner(repairs=proposal.repairs, **manner)
    return applying.apply(lambda: open_connection(at or url), proposal.plan, how, listener)


def outcomes(records: list[Record]) -> Counter[StepOutcome]:
    return Counter(record.outcome for record in records)


def chosen(connection: psycopg.Connection, who: str, worker: set[int]) -> set[int]:
    guard = pids(connection, OURS) - worker
    assert (len(guard), len(worker)) == (1, 1)
    return {"the worker": worker, "the guard": guard, "both": guard | worker}[who]


def idle(connection: psycopg.Connection) -> set[int]:
    """The server's process of the applier that works, between two steps: the other one's transaction is open."""
    return pids(connection, OURS + " and state = 'idle'")


# Cut connections


@pytest.mark.thorough
@pytest.mark.parametrize("who", WHO)
def test_cut_between_all_steps(
    server: DatabaseServer, make_database: MakeDatabase, template: Template, tmp_path: Path, who: str
) -> None:
    url = make_database(gated(template))
    with connect(url) as watch:
        records = perform(
            url,
            propose.propose(url, CONTRACT, ASKED),
            Meddler(lambda _number: cut(watch, chosen(watch, who, until(partial(idle, watch))))),
        )
        until(lambda: not pids(watch, OURS))
    assert outcomes(records) == {StepOutcome.APPLIED: len(records)}
    assert {record.detail for record in records} == {LOST}
    assert state(url) == mended(server, template, tmp_path)


@pytest.mark.thorough
@pytest.mark.parametrize("who", WHO)
def test_cut_inside_each_step(
    server: DatabaseServer, make_database: MakeDatabase, template: Template, tmp_path: Path, who: str
) -> None:
    url = make_database(gated(template))
    proposal = propose.propose(url, CONTRACT, ASKED)
    with connect(url) as watch, beside(lambda: perform(url, proposal, Silent())) as value:
        for place, step in enumerate(proposal.plan.steps):
            hold(watch, step.sql[-1])
            if place:
                let_go(watch, proposal.plan.steps[place - 1].sql[-1])
            worker = until(partial(held, watch, step.sql[-1]), step.action)
            cut(watch, chosen(watch, who, worker))
            if who != "the guard":  # another has taken its place, and comes as far
                until(partial(held, watch, step.sql[-1]), step.action)
        let_go(watch, step.sql[-1])
        records = value()
    assert outcomes(records) == {StepOutcome.APPLIED: len(records)}
    assert state(url) == mended(server, template, tmp_path)


@pytest.fixture
def url(make_database: MakeDatabase, template: Template) -> str:
    return make_database(template("pets", [PETS]))


@pytest.fixture
def contract(tmp_path: Path) -> Path:
    return pets(tmp_path)


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(applying, "_RECONNECT", 0.2)


@pytest.mark.usefixtures("impatient")
def test_a_server_that_does_not_come_back_leaves_one_step_in_doubt(
    server: DatabaseServer, url: str, contract: Path
) -> None:
    name = urlsplit(url).path.removeprefix("/")
    proposal = propose.propose(url, contract, ASKED)
    with connect(server.url) as elsewhere:

        def shut(number: int) -> None:
            if number == 3:
                elsewhere.execute(f"alter database {name} allow_connections false".encode())
                elsewhere.execute("select pg_terminate_backend(pid) from pg_stat_activity where datname = %s", (name,))

        manner = Manner(repairs=proposal.repairs)
        records = applying.apply(lambda: open_connection(url), proposal.plan, manner, Meddler(shut))
        elsewhere.execute(f"alter database {name} allow_connections true".encode())
    words = [record.outcome for record in records]
    assert words == [
        StepOutcome.APPLIED,
        StepOutcome.APPLIED,
        StepOutcome.IN_DOUBT,
        *[StepOutcome.NOT_REACHED] * (len(words) - 3),
    ]
    assert LOST in records[2].detail
    again = perform(url, propose.propose(url, contract, ASKED), Silent())
    assert outcomes(again) == {
        StepOutcome.APPLIED: len(words) - 2,
        StepOutcome.ALREADY: 1,
    }  # an index that waits for its key


@pytest.mark.usefixtures("impatient")
def test_whoever_loses_the_guard_to_another_goes_no_further(url: str, contract: Path) -> None:
    other = locks.ApplierLock(lambda: open_connection(url))
    proposal = propose.propose(url, contract, ASKED)
    with connect(url) as watch:

        def overtake(number: int) -> None:
            if number == 2:
                cut(watch, chosen(watch, "the guard", idle(watch)))
                other.take()

        manner = Manner(repairs=proposal.repairs)
        before = traces(url)
        records = applying.apply(lambda: open_connection(url), proposal.plan, manner, Meddler(overtake))
        other.close()
        assert traces(url)["pg_index"] == before["pg_index"]
    assert [record.outcome for record in records[:3]] == [
        StepOutcome.APPLIED,
        StepOutcome.IN_DOUBT,
        StepOutcome.NOT_REACHED,
    ]
    assert "another sessionaudit process is changing this database" in records[1].detail


def test_a_step_that_costs_the_connection_each_time_is_given_up(url: str, contract: Path) -> None:
    with connect(url) as connection:
        connection.execute("""
            create function public.fall() returns event_trigger language plpgsql as $$ begin
            if pg_my_temp_schema() = 0 and current_query() !~ 'pg_temp' then
              perform pg_terminate_backend(pg_backend_pid());
            end if; end $$""")
        connection.execute("create event trigger fall on ddl_command_start execute function public.fall()")
        records = perform(url, propose.propose(url, contract, ASKED), Silent())
        connection.execute("drop event trigger fall")
    assert [record.outcome for record in records[:2]] == [StepOutcome.IN_DOUBT, StepOutcome.NOT_REACHED]
    assert "times" in records[0].detail


def invalid(connection: psycopg.Connection) -> list[str]:
    return [
        row[0] for row in connection.execute("select indexrelid::regclass::text from pg_index where not indisvalid")
    ]


def test_a_failed_build_of_a_unique_index_leaves_none_that_refuses_rows(url: str, contract: Path) -> None:
    proposal = propose.propose(url, contract, ASKED)
    with connect(url) as other:

        def spoil(number: int) -> None:
            if proposal.plan.steps[number - 1].concurrent:
                other.execute("insert into public.pets (id, chip) values (98, 'chip 1')")

        records = perform(url, proposal, Meddler(spoil))
        assert not invalid(other)
        other.execute("insert into public.pets (id, chip) values (99, 'chip 1')")
    found = {record.step.action.split()[0]: record.outcome for record in records}
    assert found["Build"] is StepOutcome.BLOCKED
    assert found["Validate"] is StepOutcome.APPLIED
    assert [record.detail for record in records if record.outcome is StepOutcome.NOT_REACHED] == [
        f"it depends on “{proposal.plan.steps[1].action}”"
    ]


# Ctrl-C


@pytest.mark.thorough
def test_interrupted_inside_a_step(
    server: DatabaseServer, make_database: MakeDatabase, template: Template, tmp_path: Path
) -> None:
    url = make_database(gated(template))
    step = propose.propose(url, CONTRACT, ASKED).plan.steps[4]
    with connect(url) as watch:
        hold(watch, step.sql[-1])
        with running(tmp_path, url, *REPAIR) as process:
            until(partial(held, watch, step.sql[-1]))
            process.interrupt()
            said = process.end(130)
        until(lambda: not pids(watch, OURS))
        assert step.sql[-1] not in done(url)
        let_go(watch, step.sql[-1])
    assert "interrupted: 4 of 13 steps were applied before step 5, " in said
    assert "is not done" in said
    assert "Nothing was changed" not in said
    assert [event["outcome"] for event in process.events("ends")] == [*["applied"] * 4, "not reached"]
    finish(tmp_path, url, *REPAIR)
    assert state(url) == mended(server, template, tmp_path)


@pytest.mark.thorough
@pytest.mark.parametrize("mode", ["share", "row exclusive"])
def test_interrupted_while_it_waits(url: str, contract: Path, tmp_path: Path, mode: str) -> None:
    """For a lock; or for a writer inside a concurrent build, whose remains then go when the writer is gone."""
    call = (*APPLY, "-c", contract, "--only", "missing-key")
    with connect(url) as holder, connect(url) as watch:
        holder.execute("begin")
        holder.execute(f"lock table public.pets in {mode} mode".encode())
        with running(tmp_path, url, *call) as process:
            until(partial(pids, watch, WAITING))
            process.interrupt()
            said = process.end(130)
        assert "0 of 2 steps were applied before step 1, " in said
        holder.execute("commit")
        finish(tmp_path, url, *call)
        assert not invalid(watch)


# Deadlocks, serialization failures, and races with whoever does the same


def test_a_deadlock_is_tried_again(url: str, contract: Path) -> None:
    """Ours is the session that notices it first, and so the one that is rolled back."""
    proposal = propose.propose(url, contract, ASKED)
    listener = Silent()
    hasty = with_setting(url, "deadlock_timeout", "300ms")
    with connect(url) as other:
        other.execute("begin")
        other.execute("lock table public.owners in access exclusive mode")
        work = partial(perform, url, proposal, listener, at=hasty, lock_timeout=20.0)
        with beside(work) as value, connect(url) as watch:
            until(partial(pids, watch, AT_TABLE))  # it holds pets, and wants owners
            other.execute("lock table public.pets in access exclusive mode")
            other.execute("commit")
            records = value()
    assert outcomes(records) == {StepOutcome.APPLIED: len(records)}
    assert len(listener.waited) == 1


STUBBORN = """
create sequence public.tries;
create function public.refuse() returns trigger language plpgsql as $$ begin
if nextval('public.tries') < 3 then raise 'try again' using errcode = '40001'; end if;
return new; end $$;
create trigger refuse before update on public.pets for each row execute function public.refuse()"""


def test_a_data_repair_that_cannot_be_serialized_is_tried_again(url: str, contract: Path) -> None:
    with connect(url) as connection:
        connection.execute(STUBBORN)
    listener = Silent()
    records = perform(url, propose.propose(url, contract, ASKED), listener)
    assert outcomes(records) == {StepOutcome.APPLIED: len(records)}
    assert [record.rows for record in records if record.rows] == [10]
    assert len(listener.waited) == 2


def test_a_database_that_is_strict_by_default_does_not_hold_up_our_own_builds(url: str, contract: Path) -> None:
    strict = with_setting(url, "default_transaction_isolation", "serializable")
    records = perform(url, propose.propose(url, contract, ASKED), Silent(), at=strict, lock_wait=5.0)
    assert outcomes(records) == {StepOutcome.APPLIED: len(records)}


def test_the_guard_keeps_no_snapshot_that_a_build_would_wait_for(url: str) -> None:
    guard = locks.ApplierLock(lambda: open_connection(url))
    guard.take()
    with connect(url) as watch:
        query = "select pid from pg_stat_activity where backend_xmin is not null and pid <> pg_backend_pid()"
        assert not pids(watch, query + " and datname = current_database()")
        assert len(pids(watch, OURS)) == 1
    guard.close()


def test_a_rewrite_that_somebody_else_has_just_done_is_not_done_again(
    make_database: MakeDatabase, template: Template
) -> None:
    """What is left of an applier that was killed, say: who waits for its lock finds the work done."""
    url = make_database(gated(template))
    proposal = propose.propose(url, CONTRACT, ASKED)
    step = proposal.plan.steps[0]
    assert step.gated
    with connect(url) as other, connect(url) as watch:
        other.execute("begin")
        other.execute("select set_config('search_path', %s, true)", (",".join(proposal.plan.path),))
        for statement in step.sql:
            other.execute(statement.encode())
        with beside(partial(perform, url, proposal, Silent(), lock_timeout=20.0)) as value:
            until(partial(pids, watch, AT_TABLE))
            other.execute("commit")
            records = value()
    assert records[0].outcome is StepOutcome.ALREADY
    assert outcomes(records[1:]) == {StepOutcome.APPLIED: len(records) - 1}
    types = [statement for statement in done(url) if statement.startswith(("alter type", "create type"))]
    assert len(types) == len(set(types)) > 1

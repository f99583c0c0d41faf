"""A file runs while it is read what the one before it did, and what is told is what would be told of one by one."""

from __future__ import annotations

from contextlib import closing, suppress
from random import Random
from time import sleep
from typing import TYPE_CHECKING, Any

import psycopg
import pytest

import schema_pairs
from happenings import happening
from sessionaudit.audits.migrations import running
from sessionaudit.audits.migrations.history import HistoryOptions, replay_history
from sessionaudit.audits.migrations.model import Migration
from sessionaudit.audits.migrations.overlap import CommitGate, early
from sessionaudit.embedded.replay import Replay, replaying
from sessionaudit.postgres.following import CatalogFollower
from sessionaudit.sql.statements import statements

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from sessionaudit.audits.migrations.effects import History
    from sessionaudit.postgres.catalog_change import FetchedChange, SeenChange

TABLE = "create table t (id int primary key, n int check (n > 0));\ncreate view v as select id from t;\n"
LOCKS = (
    "create function locks() returns void language sql as 'alter table t add c int; "
    "create view w as select c from t; select pg_sleep(0.1)';\n"
)


def run(*texts: str, **options: Any) -> History:
    return replay_history(
        [
            Migration(
                version=f"{number:04}",
                name="m",
                file=f"m/{number:04}.sql",
                text=text,
                whole_text=text,
                transactional=True,
            )
            for number, text in enumerate(texts, 1)
        ],
        HistoryOptions(**options),
    )


def told(history: History) -> list[Any]:
    return [
        (file.state, file.effects, file.failures, file.met_existing, file.rolled_back) for file in history.files
    ] + [history.final]


@pytest.fixture
def ways(monkeypatch: pytest.MonkeyPatch) -> list[CommitGate]:
    """Whenever a file had to be taken back, since it had locked what was read."""
    made: list[CommitGate] = []
    make_way = CommitGate.make_way

    def noted(gate: CommitGate) -> None:
        made.append(gate)
        make_way(gate)

    monkeypatch.setattr(CommitGate, "make_way", noted)
    return made


@pytest.fixture
def late(monkeypatch: pytest.MonkeyPatch) -> None:
    """Read only when the next file has locked the table `t`, or runs no more."""
    urls: list[str] = []
    opened = Replay.open
    fetch = CatalogFollower.fetch

    def open_(replay: Replay) -> Any:
        urls[:] = [replay.superuser_url]
        return opened(replay)

    def fetch_(
        follower: CatalogFollower, seen: SeenChange, make_way: Callable[[], None] = lambda: None
    ) -> FetchedChange:
        with closing(psycopg.connect(urls[0], autocommit=True)) as connection:
            for _ in range(100):
                if connection.execute(
                    "select from pg_locks where relation = to_regclass('t') and mode = 'AccessExclusiveLock'"
                ).fetchone():
                    break
                connection.execute("select pg_sleep(0.01)")
        return fetch(follower, seen, make_way)

    monkeypatch.setattr(Replay, "open", open_)
    monkeypatch.setattr(CatalogFollower, "fetch", fetch_)


def test_what_has_locked_what_is_read_is_taken_back_and_runs_once_more(late: None, ways: list[CommitGate]) -> None:
    history = run(LOCKS + TABLE, "create table other ();\nselect locks();\n", "alter table t drop column n;\n")
    assert history.whole
    assert len(ways) == 1
    first, second, third = (
        [f"{effect.deed} {effect.ref} {effect.location.line}" for effect in file.effects] for file in history.files
    )
    assert "added view public.v 3" in first
    assert not any(".c " in line or "public.w" in line for line in first)
    assert set(second) == {
        "added table public.other 1",
        "added column public.t.c 2",
        "added column public.w.c 2",
        "added view public.w 2",
    }
    assert third == ["dropped column public.t.n 1", "dropped check public.t.t_n_check 1"]


@pytest.mark.thorough
def test_one_that_fails_after_it_has_locked_it_is_told_to_fail(late: None, ways: list[CommitGate]) -> None:
    history = run(LOCKS + TABLE, "select locks();\nselect 1 / 0;\n", "create table other ();\n", keep_going=True)
    assert [file.state for file in history.files] == ["applied", "rejected", "applied"]
    (failure,) = history.files[1].failures
    assert str(failure.location) == "m/0002.sql:2:1"
    assert failure.state == "22012"


def statements_of(chance: Random) -> list[str]:
    """Statements that a database has accepted one after the other."""
    ran: list[str] = []
    with (
        replaying("made") as replay,
        closing(psycopg.connect(replay.superuser_url, autocommit=True)) as inside,
        closing(psycopg.connect(replay.url, autocommit=True)) as user,
    ):
        for statement in ("create role app", "create role other", "grant app, other to postgres with admin option"):
            inside.execute(statement)

        def run_(statement: str | None) -> None:
            with suppress(psycopg.Error):
                if statement is not None:
                    user.execute(statement.encode())
                    ran.append(statement)

        for statement in schema_pairs.pair(chance, most=3).wanted:
            run_(statement)
        for _ in range(60):
            run_(happening(user, chance))
    return ran


@pytest.mark.parametrize("seed", [1, *(pytest.param(seed, marks=pytest.mark.thorough) for seed in range(2, 12))])
def test_it_is_told_what_one_by_one_would_be_told(seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    chance = Random(seed)
    made = statements_of(chance)
    texts: list[str] = []
    while made:
        count = chance.randint(1, 4)
        texts.append(";\n".join(made[:count]) + ";\n")
        made = made[count:]
    together = told(run(*texts, keep_going=True))

    def none(_found: Sequence[object]) -> int:
        return 0

    monkeypatch.setattr(running, "early", none)
    assert together == told(run(*texts, keep_going=True))


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("create table a (); alter table public.a add b int; create policy p on a using (true); insert into a", 4),
        ("create table a (); alter table b add c int; select 1", 1),
        ("create view a as select 1; create or replace view b as select 1", 1),
        ("create unique index i on b (c); comment on table b is 'x'; create policy p on b using (true)", 2),
        ('create table if not exists x."A b" (); alter table only x."A b" add c int; drop table y', 2),
        ("grant select on a to b; do $$ begin end $$", 1),
        ("drop table a", 0),
        ("select 1; lock table a in share mode nowait", 0),
        ("set lock_timeout = '1s'; create table a ()", 0),
        ("create type t as enum ('a'); create rule r as on insert to b do nothing", 1),
    ],
)
def test_what_may_lock_a_relation_that_was_there_waits(text: str, number: int) -> None:
    assert early(list(statements(text))) == number


def test_a_session_that_the_server_ends_while_it_waits_is_begun_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    passed = CommitGate.passed
    waited: list[CommitGate] = []

    def late_(gate: CommitGate) -> bool:
        waited.append(gate)
        sleep(0.6)
        return passed(gate)

    monkeypatch.setattr(CommitGate, "passed", late_)
    history = run(
        "alter role postgres set idle_in_transaction_session_timeout = '400ms';\n" + TABLE,
        "select pg_terminate_backend(pg_backend_pid());\n",
        "create table a (id int);\n",
        "create table b (id int);\nalter table t add c int;\n",
        keep_going=True,
    )
    assert waited
    assert [file.state for file in history.files] == ["applied", "rejected", "applied", "applied"]
    assert {str(effect.ref) for effect in history.files[3].effects if effect.ref.kind == "column"} == {
        "column public.b.id",
        "column public.t.c",
    }

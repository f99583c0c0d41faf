"""Rows of others are never lost with ours, whatever a repair deletes, names or supersedes, and whoever holds them."""

from __future__ import annotations

import json
import signal
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING

import psycopg
import pytest

from parents import ALL, DELETE, INSERT, NO_BAD, ONE, UNDO, outcome, prepare, rows, told
from rows import run, start, wait_until
from servers import connect

if TYPE_CHECKING:
    from collections.abc import Callable, Generator
    from pathlib import Path

# What a repair deletes


@pytest.mark.parametrize("action", ["cascade", "set null", "set default", "restrict"])
@pytest.mark.parametrize("words", [ALL, (*ONE, "1")], ids=["all", "ids"])
def test_a_repair_deletes_no_row_that_others_reference(
    database: str, tmp_path: Path, action: str, words: tuple[str, ...]
) -> None:
    prepare(
        database,
        tmp_path,
        f"create table note (id serial primary key, child_id int default 3 references child on delete {action})",
        "insert into child (parent_id, note) values (1, 'bad'), (2, 'bad'), (3, 'good')",
        "insert into note (child_id) values (1)",
        repair=DELETE,
        contract=NO_BAD,
    )
    result = run(*words, url=database, cwd=tmp_path)
    assert result.returncode == 1, result.stderr
    assert "It holds now" not in result.stderr
    said = told(result.stdout)["failures"][0] if words is ALL else outcome(result.stdout)[1]
    assert "note" in said
    assert rows(database, "select * from note") == [(1, 1)]
    left = [(1,), (3,)] if words is ALL else [(1,), (2,), (3,)]
    assert rows(database, "select id from child order by 1") == left
    if words is ALL:
        assert run(*UNDO, url=database, cwd=tmp_path).returncode == 0
        assert rows(database, "select id, note from child order by 1") == [(1, "bad"), (2, "bad"), (3, "good")]


@pytest.mark.parametrize("indexed", [True, False], ids=["with an index", "without an index"])
def test_what_supersedes_by_deleting_leaves_rows_that_others_reference(
    database: str, tmp_path: Path, indexed: bool
) -> None:
    prepare(
        database,
        tmp_path,
        "create table offer (id int primary key, parent_id int)",
        "create table answer (id int primary key, offer_id int references offer on delete cascade)",
        "insert into offer select n, n from generate_series(1, 3) n",
        "insert into answer values (1, 2)",
        *(["create index on offer (parent_id)"] if indexed else []),
        supersede="delete from offer where parent_id = any (%(keys)s::int[]) returning id, parent_id as key",
    )
    result = run(*ALL, url=database, cwd=tmp_path)
    assert result.returncode == 1, result.stderr
    assert "public.answer 1 references it" in told(result.stdout)["failures"][0]
    assert rows(database, "select * from answer") == [(1, 2)]
    assert rows(database, "select id from offer") == [(2,)]
    run(*UNDO, url=database, cwd=tmp_path)
    assert rows(database, "select id from offer order by 1") == [(1,), (2,), (3,)]


# What a repair says


@pytest.mark.parametrize(
    ("repair", "said"),
    [
        (INSERT.replace("returning id", "returning null::int as id"), "a null as the primary key"),
        (INSERT.replace("parent_id as key", "parent_id + 1000 as key"), "which it was not given"),
        (INSERT.replace("parent_id as key", "null::int as key"), "which it was not given"),
        (INSERT.replace("parent_id as key", "'x' as key"), "which it was not given"),
        (INSERT.replace(", parent_id as key", ""), "which it was not given"),
    ],
    ids=["no primary key", "another key", "no key", "no key's type", "the row for the key"],
)
@pytest.mark.parametrize("words", [ALL, (*ONE, "1")], ids=["all", "ids"])
def test_a_repair_that_names_rows_wrongly_is_rolled_back(
    database: str, tmp_path: Path, repair: str, said: str, words: tuple[str, ...]
) -> None:
    """Its keys would have been taken for those of others, whose rows were superseded."""
    prepare(
        database,
        tmp_path,
        "alter table child alter id restart with 500",
        "create table offer (id int primary key, parent_id int, state text default 'open')",
        "insert into offer select n, n from generate_series(1, 2000) n",
        repair=repair,
        supersede="""update offer set state = 'closed' where parent_id = any (%(keys)s::int[]) and state = 'open'
                     returning id, parent_id as key, 'open' as state_was""",
    )
    result = run(*words, url=database, cwd=tmp_path)
    assert result.returncode == 2, result.stderr
    assert said in result.stderr
    assert rows(database, "select * from child") == []
    assert rows(database, "select count(*) from offer where state <> 'open'") == [(0,)]


# What is taken back


def test_a_row_that_a_customer_changed_before_we_superseded_it_stays(database: str, tmp_path: Path) -> None:
    """The journal tells which version a later batch found, so that undo knows that somebody was there in between."""
    supersede = """update child set twin = true
        where twin is null and parent_id in (select p.id - 1 from parent p where p.id = any (%(keys)s::int[]))
        returning id, parent_id + 1 as key, null::boolean as twin_was"""
    prepare(database, tmp_path, supersede=supersede, number=2)
    with connect(database) as connection:
        connection.execute("delete from parent where id = 2")
        assert run(*ALL, url=database, cwd=tmp_path).returncode == 0
        connection.execute("update child set note = 'a customer''s'")
        connection.execute("insert into parent (id) values (2)")
    assert run(*ALL, url=database, cwd=tmp_path).returncode == 0
    assert rows(database, "select parent_id, note, twin from child order by 1") == [
        (1, "a customer's", True),
        (2, "ours", None),
    ]
    result = run(*UNDO, url=database, cwd=tmp_path)
    assert result.returncode == 1
    assert "changed since" in json.loads(result.stdout)["refusals"][0]
    assert rows(database, "select parent_id, note, twin from child") == [(1, "a customer's", None)]


def test_a_change_that_a_repair_waited_for_is_told_apart_from_what_was_there_before(
    database: str, tmp_path: Path
) -> None:
    """Otherwise the undo of an earlier run would take the row for its own."""
    prepare(
        database,
        tmp_path,
        "insert into child (parent_id, note) values (1, 'bad')",
        contract=NO_BAD,
        repair="""update child set note = 'good' where parent_id = any (%(keys)s::int[]) and note = 'bad'
            returning id, parent_id as key, 'bad' as note_was""",
    )
    with connect(database) as other:
        other.execute("begin")
        other.execute("update child set twin = true")
        process = start(*ALL, url=database, cwd=tmp_path)
        waits = """select from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'
            and application_name = 'sessionaudit'"""
        wait_until(lambda: bool(rows(database, waits)))
        found = other.execute("select xmin::text from child").fetchone()
        other.execute("commit")
    process.communicate(timeout=30)
    assert process.returncode == 0
    journal = [json.loads(line) for line in (tmp_path / "j.jsonl").read_text(encoding="utf-8").splitlines()]
    (was,) = [row[2] for one in journal for group in one.get("made", ()) for row in group["rows"]]
    assert found is not None
    assert was == {"note": "bad", "xmin": found[0]}


def test_a_row_that_we_superseded_ourselves_is_taken_back_whole(database: str, tmp_path: Path) -> None:
    """The near miss: nobody was there in between."""
    supersede = """update child set twin = true
        where twin is null and parent_id in (select p.id - 1 from parent p where p.id = any (%(keys)s::int[]))
        returning id, parent_id + 1 as key, null::boolean as twin_was"""
    prepare(database, tmp_path, supersede=supersede, number=1)
    assert run(*ALL, url=database, cwd=tmp_path).returncode == 0
    with connect(database) as connection:
        connection.execute("insert into parent (id) values (2)")
    assert run(*ALL, url=database, cwd=tmp_path).returncode == 0
    assert run(*UNDO, url=database, cwd=tmp_path).returncode == 0
    assert rows(database, "select * from child") == []


def test_an_update_that_changed_nothing_counts_as_taken_back(database: str, tmp_path: Path) -> None:
    supersede = """update child set note = note
        where parent_id in (select p.id - 1 from parent p where p.id = any (%(keys)s::int[]))
        returning id, parent_id + 1 as key, id as id_was"""
    prepare(database, tmp_path, supersede=supersede, number=1)
    assert run(*ALL, url=database, cwd=tmp_path).returncode == 0
    with connect(database) as connection:
        connection.execute("insert into parent (id) values (2)")
    assert run(*ALL, url=database, cwd=tmp_path).returncode == 0
    result = run(*UNDO, url=database, cwd=tmp_path)
    assert json.loads(result.stdout)["restored"] == 1


def test_undo_leaves_rows_whose_key_is_there_in_a_table_that_inherits(database: str, tmp_path: Path) -> None:
    prepare(
        database,
        tmp_path,
        "create table heir (primary key (id)) inherits (child)",
        "insert into heir (id, parent_id, note) values (1, 99, 'a customer''s'), (7, 98, 'a customer''s')",
    )
    assert run(*ALL, url=database, cwd=tmp_path).returncode == 0
    result = run(*UNDO, url=database, cwd=tmp_path)
    assert result.returncode == 1
    assert "exists more than once" in result.stdout
    assert rows(database, "select id, parent_id from heir order by 1") == [(1, 99), (7, 98)]
    assert rows(database, "select id from only child") == [(1,)]


# Others at the same moment


@contextmanager
def doubled(url: str, folder: Path, *words: str, then: Callable[[psycopg.Connection], object]) -> Generator[list[str]]:
    """A run whose row somebody else makes too: it commits before the application does, which then does more."""
    said: list[str] = []
    with psycopg.connect(url) as application, psycopg.connect(url) as other:
        application.execute("insert into child (parent_id, note) values (1, 'the application''s')")
        process = start(*words, url=url, cwd=folder)
        wait_until(lambda: bool(rows(url, "select from child where note = 'ours' and parent_id = 1")))
        then(other)
        if then is not hang:
            time.sleep(0.3)
            application.commit()
        else:
            process.send_signal(signal.SIGKILL)
        said += [*process.communicate(timeout=60), str(process.returncode)]
        application.commit()
        yield said


def hang(_other: psycopg.Connection) -> None:
    """The run is killed before the application commits."""


def hold(other: psycopg.Connection) -> None:
    other.execute("select from child where note = 'ours' and parent_id = 1 for update")


def nothing(_other: psycopg.Connection) -> None: ...


@pytest.mark.thorough
@pytest.mark.parametrize("words", [ALL, pytest.param((*ONE, "1"), marks=pytest.mark.slow)], ids=["all", "ids"])
def test_a_row_that_is_there_twice_because_somebody_holds_ours_is_told_and_given_up_later(
    database: str, tmp_path: Path, words: tuple[str, ...]
) -> None:
    prepare(database, tmp_path)
    with doubled(database, tmp_path, *words, then=hold) as (out, errors, code):
        assert code == "3", errors
        assert "It holds now" not in errors
        assert "another session has locked" in out
    result = run(*words, url=database, cwd=tmp_path)
    assert result.returncode == 0, result.stderr
    assert rows(database, "select note from child where parent_id = 1") == [("the application's",)]
    if words is ALL:
        assert (told(result.stdout)["made"], told(result.stdout)["gave_way"]) == (0, 1)


@pytest.mark.parametrize("words", [ALL, (*ONE, "1")], ids=["all", "ids"])
def test_a_row_that_is_there_twice_because_a_trigger_keeps_ours_is_told(
    database: str, tmp_path: Path, words: tuple[str, ...]
) -> None:
    prepare(
        database,
        tmp_path,
        """create function never() returns trigger language plpgsql as
           $$ begin raise exception 'never delete'; end $$""",
        "create trigger never before delete on child for each row execute function never()",
    )
    with doubled(database, tmp_path, *words, then=nothing) as (out, errors, code):
        assert code == ("1" if words is ALL else "3"), errors
        assert "another session created a row at the same time" in out
        assert "never delete" in out
        assert "It holds now" not in errors
    assert len(rows(database, "select from child where parent_id = 1")) == 2


@pytest.mark.parametrize("named", [True, False], ids=["its journal", "the state folder"])
@pytest.mark.parametrize("again", ["ids", "all"])
def test_what_a_killed_run_of_ids_left_is_looked_at_by_the_next(
    database: str, tmp_path: Path, named: bool, again: str
) -> None:
    """Killed between its commit and the look at what others made: nobody else knows that there are two rows."""
    one, all_ = (*ONE[:-2], "1"), ALL[:-2]
    journal = ("--journal", "j.jsonl") if named else ()
    prepare(database, tmp_path)
    with doubled(database, tmp_path, *one, *journal, then=hang) as (_, _, code):
        assert code == "-9"
    assert len(rows(database, "select from child where parent_id = 1")) == 2
    result = run(*(one if again == "ids" else all_), *journal, url=database, cwd=tmp_path)
    assert result.returncode == 0, result.stderr
    assert rows(database, "select note from child where parent_id = 1") == [("the application's",)]
    if again == "ids":
        assert "1 row of the last run was deleted" in result.stderr
    text = (tmp_path / "j.jsonl").read_text(encoding="utf-8") if named else ""
    assert not named or text.endswith('{"event":"ended"}\n')

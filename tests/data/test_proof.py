"""What is said of rows that were mended is true of them: proven, doubled, not helped; inserted, changed, deleted."""

from __future__ import annotations

import json
import signal
import time
from typing import TYPE_CHECKING, Any

import psycopg
import pytest

from parents import ALL, HAS, INSERT, ONE, UNDO, prepare, rows, told
from rows import run, start, wait_until
from servers import connect
from sessionaudit.backfill.competing_writers import Writers

if TYPE_CHECKING:
    from pathlib import Path

    from sessionaudit.postgres.connection import Connection


def states(stdout: str) -> dict[str, str]:
    return {one["id"]: one["state"] for one in json.loads(stdout)["results"]}


def journalled(folder: Path) -> list[tuple[str, list[Any]]]:
    """What the journal says was done, and the rows."""
    records = [json.loads(line) for line in (folder / "j.jsonl").read_text(encoding="utf-8").splitlines()]
    return [
        (group["did"], [*row[:2], *({name: row[2][name] for name in row[2] if name != "xmin"} for _ in row[2:])])
        for one in records
        if one["event"] == "batch"
        for group in one["made"]
        for row in group["rows"]
    ]


def test_a_row_that_another_session_deletes_before_the_proof_is_not_called_mended(
    database: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    prepare(database, tmp_path)
    wait_for_others = Writers.ended

    def ended(self: Writers, connection: Connection) -> bool:
        with connect(database) as other:
            other.execute("delete from child")
        return wait_for_others(self, connection)

    monkeypatch.setattr(Writers, "ended", ended)
    result = run(*ONE, "1", "--format", "json", url=database, cwd=tmp_path)
    assert rows(database, "select * from child") == []
    assert (result.returncode, states(result.stdout)) == (1, {"1": "failed"})


# Inserted, changed, deleted

UPSERT = """insert into child (parent_id, note, twin)
select p.id, 'ours', true from parent p where p.id = any (%(keys)s::int[])
on conflict (parent_id) do update set note = excluded.note, twin = excluded.twin
returning id, parent_id as key"""
TAKEN = """version: 1
tables:
  parent: {}
  child: {}
invariants:
  child_is_ours:
    summary: Every child is ours
    of: parent
    violations: >-
      select p.id from parent p where not exists (select from child c where c.parent_id = p.id and c.note = 'ours')
    repair: repair.sql
"""
BEFORE = [(1, 1, "a customer's", None), (2, 2, None, False)]


@pytest.mark.parametrize("words", [ALL, (*ONE, "1", "2", "3")], ids=["all", "ids"])
def test_an_upsert_tells_the_rows_that_it_changed_from_those_that_it_made(
    database: str, tmp_path: Path, words: tuple[str, ...]
) -> None:
    prepare(
        database,
        tmp_path,
        "alter table child alter id drop identity",
        "alter table child alter id set default 100",
        "create unique index on child (parent_id)",
        "insert into child values (1, 1, 'a customer''s', null), (2, 2, null, false)",
        repair=UPSERT,
        contract=TAKEN,
    )
    result = run(*words, url=database, cwd=tmp_path)
    assert result.returncode == 0, result.stderr
    assert rows(database, "select id, note from child order by 1") == [(1, "ours"), (2, "ours"), (100, "ours")]
    assert sorted(journalled(tmp_path), key=lambda one: one[1][1]) == [
        ("updated", ["1", "1", {"note": "a customer's", "twin": None}]),
        ("updated", ["2", "2", {"note": None, "twin": "f"}]),
        ("inserted", ["100", "3"]),
    ]
    assert run(*UNDO, url=database, cwd=tmp_path).returncode == 0
    assert rows(database, "select * from child order by 1") == BEFORE


def test_an_update_that_does_not_tell_what_was_is_taken_back_all_the_same(database: str, tmp_path: Path) -> None:
    repair = """update child set note = 'ours', twin = null where parent_id = any (%(keys)s::int[])
                returning id, parent_id as key"""
    prepare(
        database,
        tmp_path,
        """insert into child overriding system value
           values (1, 1, 'a', true), (2, 2, '{"x": 1}', null), (3, 3, 'ours', null)""",
        repair=repair,
        contract=TAKEN,
    )
    before = rows(database, "select * from child order by 1")
    assert run(*ALL, url=database, cwd=tmp_path).returncode == 0
    assert rows(database, "select note, twin from child") == [("ours", None)] * 3
    assert run(*UNDO, url=database, cwd=tmp_path).returncode == 0
    assert rows(database, "select * from child order by 1") == before


def test_what_a_repair_deleted_is_brought_back(database: str, tmp_path: Path) -> None:
    contract = TAKEN.replace(
        "select p.id from parent p where not exists (select from child c where c.parent_id = p.id and c.note = 'ours')",
        "select parent_id from child where note = 'bad'",
    )
    repair = "delete from child where parent_id = any (%(keys)s::int[]) and note = 'bad' returning id, parent_id as key"
    prepare(
        database,
        tmp_path,
        """alter table child add column more text[] default '{a,"b c",null}',
           add column twice int generated always as (id * 2) stored""",
        "insert into child (parent_id, note) values (1, 'bad'), (2, 'good'), (2, 'bad')",
        repair=repair,
        contract=contract,
    )
    before = rows(database, "select * from child order by 1")
    assert run(*ALL, url=database, cwd=tmp_path).returncode == 0
    assert rows(database, "select note from child") == [("good",)]
    assert {did for did, _ in journalled(tmp_path)} == {"deleted"}
    assert run(*UNDO, url=database, cwd=tmp_path).returncode == 0
    assert rows(database, "select * from child order by 1") == before


def test_a_row_that_another_made_between_two_looks_is_never_ours(database: str, tmp_path: Path) -> None:
    """The application's row is not committed yet when the upsert looks, and is there when it writes."""
    prepare(
        database,
        tmp_path,
        "create unique index on child (parent_id)",
        repair=UPSERT,
        contract=TAKEN,
        number=1,
    )
    with psycopg.connect(database) as application:
        application.execute("insert into child (parent_id, note) values (1, 'a customer''s')")
        process = start(*ONE, "1", url=database, cwd=tmp_path)
        time.sleep(1)
        application.commit()
    _, errors = process.communicate(timeout=60)
    assert process.returncode == 0, errors
    assert rows(database, "select note from child") == [("ours",)]
    ((did, row),) = journalled(tmp_path)
    assert did == "updated"
    run(*UNDO, url=database, cwd=tmp_path)
    assert rows(database, "select count(*) from child") == [(1,)]
    assert row[2:] in ([], [{"note": "a customer's", "twin": None}])


@pytest.mark.parametrize(
    ("repair", "said"),
    [
        (f"with other as (insert into parent values (99) returning id) {INSERT}", "more than one table"),
        ("select id from child where id = any (%(keys)s::int[])", "does not write to a table"),
        (INSERT.partition("returning")[0], "does not return what it wrote"),
        (INSERT.replace("note", "nothere"), "PostgreSQL rejects the repair repair.sql"),
        (f"{INSERT}; delete from parent", "repair"),
    ],
)
@pytest.mark.parametrize("words", [ALL, (*ONE, "1")], ids=["all", "ids"])
def test_a_repair_that_could_not_be_taken_back_or_run_is_refused(
    database: str, tmp_path: Path, repair: str, said: str, words: tuple[str, ...]
) -> None:
    prepare(database, tmp_path, repair=repair)
    result = run(*words, url=database, cwd=tmp_path)
    assert result.returncode == 2, result.stderr
    assert said in result.stderr
    assert "c.yaml:11:13" in result.stderr
    assert rows(database, "select count(*) from child") == [(0,)]
    assert rows(database, "select count(*) from parent") == [(3,)]


@pytest.mark.parametrize("returned", ["(random() * 1e9)::int, parent_id as key", "id + 1000, parent_id as key"])
@pytest.mark.parametrize("words", [ALL, (*ONE, "1")], ids=["all", "ids"])
def test_a_repair_must_name_the_rows_that_it_wrote(
    database: str, tmp_path: Path, returned: str, words: tuple[str, ...]
) -> None:
    prepare(database, tmp_path, repair=INSERT.replace("id, parent_id as key", returned))
    result = run(*words, url=database, cwd=tmp_path)
    assert (result.returncode, "which does not exist" in result.stderr) == (2, True), result.stderr
    assert rows(database, "select count(*) from child") == [(0,)]


def test_a_repair_that_returns_no_key_is_refused(database: str, tmp_path: Path) -> None:
    """Else a row that does not help would be told as created, again and again."""
    prepare(
        database,
        tmp_path,
        repair="""insert into child (parent_id) select -1 from parent p
                                          where p.id = any (%(keys)s::int[]) returning id + 100""",
    )
    result = run(*ONE, "1", url=database, cwd=tmp_path)
    assert (result.returncode, "which it was not given" in result.stderr) == (2, True), result.stderr
    assert rows(database, "select count(*) from child") == [(0,)]


# Helped, or not


NOTHING = "update parent set tag = null where id = any (%(keys)s::int[]) returning id, id as key"
TAGGED = """version: 1
tables:
  parent: {}
invariants:
  parent_has_tag:
    summary: Every parent has a tag
    of: parent
    violations: select id from parent where tag is null
    repair: repair.sql
"""


def test_a_repair_that_does_not_help_says_so_and_leaves_nothing(database: str, tmp_path: Path) -> None:
    prepare(database, tmp_path, repair=NOTHING, contract=TAGGED)
    versions = rows(database, "select xmin::text from parent order by id")
    result = run(*ONE, "1", url=database, cwd=tmp_path)
    assert (result.returncode, states(result.stdout)) == (1, {"1": "failed"})
    assert "the repair had no effect" in result.stdout
    for _ in range(2):
        result = run(*ALL, url=database, cwd=tmp_path)
        assert result.returncode == 1
        found = told(result.stdout)
        assert (found["made"], found["left"], found["failed"]) == (0, 3, 3)
        assert all("the repair had no effect" in one for one in found["failures"])
    assert rows(database, "select xmin::text from parent order by id") == versions


def test_of_many_the_helped_are_kept_and_the_others_told(database: str, tmp_path: Path) -> None:
    repair = """update parent set tag = case when id % 7 > 0 then 'x' end where id = any (%(keys)s::int[])
                returning id, null as tag_was, id as key"""
    prepare(database, tmp_path, repair=repair, contract=TAGGED, number=2000)
    result = run(*ALL, url=database, cwd=tmp_path)
    found = told(result.stdout)
    assert (result.returncode, found["left"], found["failed"]) == (1, 285, 285)
    assert all("the repair had no effect" in one for one in found["failures"])
    assert rows(database, "select count(*) from parent where tag is null") == [(285,)]


def test_a_trigger_that_makes_a_twin_ends_in_a_failure(database: str, tmp_path: Path) -> None:
    prepare(
        database,
        tmp_path,
        """create function twin() returns trigger language plpgsql as $$
           begin
             if new.twin is null then insert into child (parent_id, twin) values (new.parent_id, true); end if;
             return new;
           end $$""",
        "create trigger twin after insert on child for each row execute function twin()",
        number=1500,
    )
    result = run(*ONE, "1", url=database, cwd=tmp_path)
    assert (result.returncode, states(result.stdout)) == (1, {"1": "failed"}), result.stderr
    assert "more than one row was created" in result.stdout
    result = run(*ALL, url=database, cwd=tmp_path)
    found = told(result.stdout)
    assert (result.returncode, found["made"], found["failed"]) == (1, 0, 1500)
    assert rows(database, "select count(*) from child") == [(0,)]


def test_a_trigger_that_makes_a_twin_in_later_batches_is_seen_too(database: str, tmp_path: Path) -> None:
    prepare(
        database,
        tmp_path,
        """create function twin() returns trigger language plpgsql as $$
           begin
             if new.twin is null and new.parent_id = 1900 then
               insert into child (parent_id, twin) values (new.parent_id, true);
             end if;
             return new;
           end $$""",
        "create trigger twin after insert on child for each row execute function twin()",
        number=2000,
    )
    result = run(*ALL, url=database, cwd=tmp_path)
    found = told(result.stdout)
    assert (result.returncode, found["made"], found["failed"]) == (1, 1999, 1)
    assert found["failures"][0].startswith("1900: more than one row")
    assert rows(database, "select count(*), count(distinct parent_id) from child") == [(1999, 1999)]


def test_rows_without_a_time_are_old_enough(database: str, tmp_path: Path) -> None:
    prepare(database, tmp_path, "update parent set at = null where id = 2", "update parent set at = now() where id = 3",
            contract=HAS.replace("    has:", "    older_than: 2 minutes\n    since: p.at\n    has:"))  # fmt: skip
    result = run("check", "--only", "data", "-c", "c.yaml", "--format", "json", url=database, cwd=tmp_path)
    assert json.loads(result.stdout)["findings"][0]["actual"] == "2 rows: 1, 2"
    result = run(*ONE, "1", "2", "3", url=database, cwd=tmp_path)
    assert states(result.stdout) == {"1": "created", "2": "created", "3": "not eligible"}


# Others at the same moment


def test_a_row_of_ours_that_was_changed_beside_another_is_told(database: str, tmp_path: Path) -> None:
    """The application changes ours and makes its own while we are at work: ours cannot be taken back any more."""
    prepare(database, tmp_path, number=3000)
    with psycopg.connect(database) as blocker:
        blocker.execute("insert into child (parent_id) values (-1)")  # the run waits for this one in its end
        process = start(*ALL, url=database, cwd=tmp_path)
        wait_until(lambda: rows(database, "select count(*) from child") == [(3000,)])
        with connect(database) as application:
            application.execute("update child set note = 'seen' where parent_id = 1")
            application.execute("insert into child (parent_id, note) values (1, 'theirs'), (2, 'theirs')")
        blocker.commit()
    out, errors = process.communicate(timeout=60)
    found = told(out)
    assert process.returncode == 1, errors
    assert (found["failed"], found["left"]) == (1, 0)
    assert found["failures"][0].startswith("1: another session created a row at the same time")
    assert "changed since" in found["failures"][0]
    assert "It holds now" not in errors
    assert rows(database, "select note from child where parent_id = 2") == [("theirs",)]


@pytest.mark.parametrize("words", [ALL, (*ONE, "1")], ids=["all", "ids"])
def test_we_never_give_way_over_rows_that_belong_to_ours(database: str, tmp_path: Path, words: tuple[str, ...]) -> None:
    prepare(
        database,
        tmp_path,
        "create table message (id serial primary key, child_id int references child on delete cascade)",
        number=1,
    )
    with psycopg.connect(database) as blocker:
        blocker.execute("insert into child (parent_id) values (-1)")
        process = start(*words, url=database, cwd=tmp_path)
        wait_until(lambda: bool(rows(database, "select from child where parent_id = 1")))
        with connect(database) as application:
            application.execute("insert into message (child_id) select id from child where parent_id = 1")
            application.execute("insert into child (parent_id, note) values (1, 'theirs')")
        blocker.commit()
    out, errors = process.communicate(timeout=60)
    assert process.returncode in {1, 3}, errors
    assert "public.message 1" in out
    assert rows(database, "select count(*) from message") == [(1,)]
    assert rows(database, "select note from child where parent_id = 1 order by 1") == [("ours",), ("theirs",)]


@pytest.mark.parametrize("words", [ALL, (*ONE, "1")], ids=["all", "ids"])
def test_who_writes_into_a_part_of_the_table_is_waited_for(
    database: str, tmp_path: Path, words: tuple[str, ...]
) -> None:
    tables = """
create table parent (id int primary key, at timestamptz, tag text);
create table child (id int generated by default as identity, parent_id int, note text, twin boolean, primary key (id))
  partition by range (id);
create table child_old partition of child for values from (1000) to (2000) partition by range (id);
create table child_old_one partition of child_old for values from (1000) to (2000);
create table child_new partition of child default;
create index on child (parent_id);
"""
    prepare(database, tmp_path, tables=tables, number=1)
    with psycopg.connect(database) as application:
        application.execute("insert into child_old_one (id, parent_id, note) values (1000, 1, 'theirs')")
        process = start(*words, url=database, cwd=tmp_path)
        wait_until(lambda: bool(rows(database, "select from child where parent_id = 1 and note = 'ours'")))
        time.sleep(0.5)
        application.commit()
    _, errors = process.communicate(timeout=60)
    assert process.returncode == 0, errors
    assert rows(database, "select note from child") == [("theirs",)]


# What a run must remember that is killed


SUPERSEDE = """with older as (
  select c.id, c.parent_id, c.note from child c
  where c.parent_id + 100000 = any (%(keys)s::int[]) and c.note = 'open' for no key update
)
update child c set note = 'closed' from older o where c.id = o.id
returning c.id, o.parent_id + 100000 as key, o.note as note_was"""


def test_superseding_is_not_lost_with_a_run_that_was_killed(database: str, tmp_path: Path) -> None:
    """The first run leaves it to its end, having no index; with one, the second would leave it to each batch."""
    prepare(
        database,
        tmp_path,
        "insert into parent (id) select 100000 + n from generate_series(1, 4000) n",
        "insert into child (parent_id, note) select n, 'open' from generate_series(1, 4000) n",
        "drop index child_parent_id_idx",
        supersede=SUPERSEDE,
        number=4000,
    )
    journal = tmp_path / "j.jsonl"
    process = start(*ALL, "--target", "0.001", url=database, cwd=tmp_path)
    wait_until(lambda: journal.exists() and b'"done"' in journal.read_bytes())
    process.send_signal(signal.SIGKILL)
    process.communicate(timeout=30)
    assert rows(database, "select count(*) from child where note = 'closed'") == [(0,)]
    made = rows(database, "select count(*) from child where note = 'ours'")
    assert 0 < made[0][0] < 4000
    with connect(database) as connection:
        connection.execute("create index on child (parent_id)")
        connection.execute("create index on child ((parent_id + 100000))")
        connection.execute("analyze")
    result = run(*ALL, url=database, cwd=tmp_path)
    assert result.returncode == 0, result.stderr
    assert rows(database, "select note, count(*) from child group by 1 order by 1") == [
        ("closed", 4000),
        ("ours", 4000),
    ]


def test_a_row_that_another_makes_while_we_make_ours_is_found_at_the_next_look(database: str, tmp_path: Path) -> None:
    prepare(
        database,
        tmp_path,
        "create extension dblink",
        f"""create function other() returns trigger language plpgsql as $$
            begin
              perform dblink_exec('{database}', 'insert into child (parent_id, note) values (1, ''theirs'')');
              return new;
            end $$""",
        "create trigger other after insert on child for each row when (new.note = 'ours') execute function other()",
        number=1,
    )
    result = run(*ONE, "1", url=database, cwd=tmp_path)
    assert states(result.stdout) == {"1": "already there"}
    assert rows(database, "select note from child") == [("theirs",)]


@pytest.mark.parametrize("words", [ALL, (*ONE, "1")], ids=["all", "ids"])
def test_more_rows_of_a_view_than_were_made_are_told(database: str, tmp_path: Path, words: tuple[str, ...]) -> None:
    """A view does not tell who wrote its rows: a twin that a trigger makes is told, and so is nothing where none is."""
    prepare(
        database,
        tmp_path,
        "create view children as select parent_id, note from child",
        """create function twin() returns trigger language plpgsql as $$
           begin
             if new.note = 'ours' and new.parent_id = 1 then insert into child (parent_id) values (1); end if;
             return new;
           end $$""",
        "create trigger twin after insert on child for each row execute function twin()",
        contract=HAS.replace("has: child c", "has: children c"),
    )
    result = run(*words, url=database, cwd=tmp_path)
    assert "rows read through a view cannot be attributed" in result.stdout, result.stderr
    assert result.returncode == (1 if "--all" in words else 3)
    assert "It holds now" not in result.stderr
    if "--all" in words:
        assert told(result.stdout)["failed"] == 1
    if "--all" not in words:  # of what was made before, the same journal tells again
        assert run(*ONE[:-1], "other.jsonl", "3", url=database, cwd=tmp_path).returncode == 0

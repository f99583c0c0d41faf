"""`undo` of several runs over the same rows: the last one first, and nothing that somebody else changed."""

from __future__ import annotations

import json
import re
import signal
from functools import partial
from typing import TYPE_CHECKING, Any

import pytest

from crafting import DELETED, INSERTED, UPDATED, batch, lines, made, prepare, rows
from rows import run, start, wait_until
from servers import connect

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from sessionaudit.backfill.row_changes import Did

THINGS = (
    "create table things (id int primary key, a text, b text)",
    "insert into things select n, 'a', 'b' from generate_series(1, 6) n",
)


def change(url: str, path: Path, statement: str, did: Did, ids: Sequence[int], *columns: str) -> int:
    """Run a statement as a run of its own that journals the columns of the rows, and the versions that it finds."""
    names = ("id", "a", "b") if did is DELETED else columns
    with connect(url) as connection:
        found: list[dict[str, Any]] = [
            row[0]
            for row in connection.execute(
                "select to_jsonb(t) || jsonb_build_object('xmin', t.xmin::text)"
                " from things t where id = any (%s) order by id",
                (list(ids),),
            )
        ]
    was = {row["id"]: {name: str(row[name]) for name in (*names, "xmin")} for row in found}
    return batch(url, path, statement, [made("things", did, str(n), was.get(n)) for n in ids])


def undo(url: str, path: Path, *more: str) -> tuple[int, dict[str, Any], str]:
    result = run("undo", str(path), "--format", "json", *(more or ("--yes",)), url=url)
    told: dict[str, Any] = json.loads(result.stdout)
    counts = {**told, **told.get("would", {})}
    return result.returncode, counts, result.stderr


def tally(told: dict[str, Any]) -> tuple[int, int, int, int]:
    return told["deleted"], told["restored"], told["returned"], told["refused"]


def three_runs(url: str, folder: Path) -> list[Path]:
    """The first run inserts, changes and deletes rows; the second and the third change and delete the same ones."""
    one, two, three = (folder / name for name in ("one", "two", "three"))
    prepare(url, *THINGS)
    change(url, one, "insert into things select n, 'one', 'one' from generate_series(7, 8) n", INSERTED, [7, 8])
    change(url, one, "update things set a = 'one' where id in (1, 2, 3, 4)", UPDATED, [1, 2, 3, 4], "a")
    change(url, one, "delete from things where id = 5", DELETED, [5])
    change(url, two, "update things set a = 'two', b = 'two' where id in (1, 2, 7)", UPDATED, [1, 2, 7], "a", "b")
    change(url, two, "delete from things where id in (3, 8)", DELETED, [3, 8])
    change(url, two, "insert into things values (5, 'two', 'two')", INSERTED, [5])
    change(url, three, "update things set b = 'three' where id in (1, 7)", UPDATED, [1, 7], "b")
    return [one, two, three]


def test_runs_over_the_same_rows_are_undone_from_the_last_to_the_first(database: str, tmp_path: Path) -> None:
    one, two, three = three_runs(database, tmp_path)
    assert undo(database, three)[:1] == (0,)
    code, told, _ = undo(database, two, "--dry-run")
    assert (code, tally(told)) == (0, (1, 3, 2, 0))
    assert undo(database, two)[:1] == (0,)
    code, told, _ = undo(database, one, "--dry-run")
    assert (code, tally(told)) == (0, (2, 4, 1, 0))
    assert undo(database, one)[:1] == (0,)
    assert rows(database, "things") == [{"id": n, "a": "a", "b": "b"} for n in range(1, 7)]


def test_the_run_that_must_be_undone_first_is_named(database: str, tmp_path: Path) -> None:
    one, two, three = three_runs(database, tmp_path)
    code, told, said = undo(database, one)
    assert (code, tally(told)) == (1, (0, 1, 0, 6))
    assert "public.things 5 exists again: its key is in use" in told["refusals"]
    assert f"public.things 8 has been deleted since by the run of {two}: undo that first" in told["refusals"]
    assert f"public.things 1 has been changed since by the run of {three}: undo that first" in told["refusals"]
    assert f"public.things 2 has been changed since by the run of {two}: undo that first" in told["refusals"]
    assert sorted(told["later"]) == [str(three), str(two)]
    assert f"Next: sessionaudit undo {three}" in said
    for path in (three, two, one):
        assert undo(database, path)[0] == 0
    assert rows(database, "things") == [{"id": n, "a": "a", "b": "b"} for n in range(1, 7)]


def test_what_somebody_changed_between_or_after_the_runs_stays(database: str, tmp_path: Path) -> None:
    one, two = tmp_path / "one", tmp_path / "two"
    prepare(database, *THINGS)
    change(database, one, "update things set a = 'one'", UPDATED, [1, 2, 3, 4, 5, 6], "a")
    prepare(database, "update things set b = 'mine' where id = 1")  # another column, which neither run changes
    change(database, two, "update things set a = 'two'", UPDATED, [1, 2, 3, 4, 5, 6], "a")
    prepare(database, "update things set b = 'mine' where id = 2")
    assert tally(undo(database, two)[1]) == (0, 5, 0, 1)
    prepare(database, "update things set a = 'mine' where id = 3", "update things set a = 'one' where id = 3")
    prepare(database, "delete from things where id = 4", "insert into things values (4, 'one', 'b')")
    code, told, said = undo(database, one)
    assert (code, tally(told)) == (1, (0, 2, 0, 4))
    assert sorted(told["refusals"]) == [f"public.things {n} has been changed since" for n in range(1, 5)]
    assert "name that run's journal with --undone" in said
    assert [row["a"] for row in rows(database, "things")] == ["one", "two", "one", "one", "a", "a"]


def test_a_row_that_an_undo_refused_and_a_trigger_of_it_wrote_stays(database: str, tmp_path: Path) -> None:
    """The version is the undo's, the values are somebody else's."""
    one, two = tmp_path / "one", tmp_path / "two"
    prepare(
        database,
        *THINGS,
        """create function count_up() returns trigger language plpgsql as
           $$ begin update things set b = b || '+' where id = 2; return null; end $$""",
    )
    change(database, one, "update things set a = 'one' where id in (1, 2)", UPDATED, [1, 2], "a")
    change(database, two, "update things set a = 'two' where id in (1, 2)", UPDATED, [1, 2], "a")
    prepare(
        database,
        "update things set a = 'mine' where id = 2",
        "create trigger counts after update on things for each row when (old.id = 1) execute function count_up()",
    )
    assert tally(undo(database, two)[1]) == (0, 1, 0, 1)
    assert tally(undo(database, two)[1]) == (0, 0, 0, 1)
    assert tally(undo(database, one)[1]) == (0, 1, 0, 1)
    assert rows(database, "things")[:2] == [{"id": 1, "a": "a", "b": "b"}, {"id": 2, "a": "mine", "b": "b++"}]


def test_a_row_of_a_second_undo_that_a_trigger_wrote_stays(database: str, tmp_path: Path) -> None:
    """The first undo restored the row, somebody changed it, and a trigger wrote it in the second undo."""
    one, two = tmp_path / "one", tmp_path / "two"
    prepare(
        database,
        *THINGS,
        "create table kept (id int references things (id))",
        """create function count_up() returns trigger language plpgsql as
           $$ begin update things set b = b || '+' where id = 2; return null; end $$""",
    )
    change(database, one, "update things set a = 'one' where id = 2", UPDATED, [2], "a")
    update = "update things set a = 'two' where id = 2"
    prepare(database, "insert into things values (9, 'two', 'two')", "delete from things where id = 9")
    with connect(database) as connection:
        found = connection.execute("select xmin::text from things where id = 2").fetchone()
    assert found is not None
    changes = [made("things", UPDATED, "2", {"a": "one", "xmin": found[0]}), made("things", INSERTED, "9")]
    batch(database, two, f"{update}; insert into things values (9, 'two', 'two')", changes)
    prepare(database, "insert into kept values (9)")
    assert tally(undo(database, two)[1]) == (0, 1, 0, 1)
    prepare(
        database,
        "delete from kept",
        "update things set a = 'mine' where id = 2",
        "create trigger counts after delete on things for each row execute function count_up()",
    )
    assert tally(undo(database, two)[1]) == (1, 0, 0, 0)
    assert tally(undo(database, one)[1]) == (0, 0, 0, 1)
    assert rows(database, "things")[1] == {"id": 2, "a": "mine", "b": "b+"}


def test_a_journal_elsewhere_is_named(database: str, tmp_path: Path) -> None:
    one, two = tmp_path / "here" / "one", tmp_path / "there" / "two"
    one.parent.mkdir()
    two.parent.mkdir()
    prepare(database, *THINGS)
    change(database, one, "update things set a = 'one'", UPDATED, [1, 2], "a")
    change(database, two, "update things set a = 'two'", UPDATED, [1, 2], "a")
    assert undo(database, two)[0] == 0
    assert tally(undo(database, one, "--dry-run")[1]) == (0, 0, 0, 2)
    other = run("undo", str(one), "--yes", "--undone", str(one), url=database)
    assert (other.returncode, f"{one} is the journal to undo" in other.stderr) == (2, True)
    foreign = two.parent / "foreign"
    head = {**lines(two)[0], "oid": 1}
    foreign.write_text(json.dumps(head) + "\n")
    other = run("undo", str(one), "--yes", "--undone", str(foreign), url=database)
    assert (other.returncode, "is the journal of another database" in other.stderr) == (2, True)
    code, told, _ = undo(database, one, "--yes", "--undone", str(two))
    assert (code, tally(told)) == (0, (0, 2, 0, 0))


def test_rows_that_the_second_run_left_as_they_were(database: str, tmp_path: Path) -> None:
    one, two = tmp_path / "one", tmp_path / "two"
    prepare(database, *THINGS)
    change(database, one, "update things set a = 'one' where id in (1, 2)", UPDATED, [1, 2], "a")
    with connect(database) as connection:
        found = connection.execute("select xmin::text from things where id = 1").fetchone()
    assert found is not None
    same = [made("things", UPDATED, str(n), {"xmin": found[0]}) for n in (1, 2)]
    batch(database, two, "update things set a = a where id in (1, 2)", same)
    assert undo(database, two)[0] == 0
    prepare(database, "update things set a = 'mine' where id = 2")
    assert tally(undo(database, one)[1]) == (0, 1, 0, 1)
    assert [row["a"] for row in rows(database, "things")[:2]] == ["a", "mine"]


def test_rows_that_one_undo_wrote_and_another_found_right(database: str, tmp_path: Path) -> None:
    one, two = tmp_path / "one", tmp_path / "two"
    prepare(database, *THINGS)
    change(database, one, "update things set a = 'one' where id in (1, 2)", UPDATED, [1, 2], "a")
    change(database, one, "update things set a = a where id = 1", UPDATED, [1])
    change(database, two, "update things set a = 'two' where id in (1, 2)", UPDATED, [1, 2], "a")
    assert undo(database, two)[0] == 0
    for more in ("--dry-run", "--yes"):
        code, told, _ = undo(database, one, more)
        assert (code, tally(told)) == (0, (0, 3, 0, 0))
    assert {row["a"] for row in rows(database, "things")} == {"a"}


def test_later_runs_are_named_from_the_last_whatever_journals_lie_beside(database: str, tmp_path: Path) -> None:
    one, two, three, clone, odd = (tmp_path / name for name in ("one", "two", "three", "clone", "odd"))
    prepare(database, *THINGS)
    change(database, one, "update things set a = 'one' where id < 4", UPDATED, [1, 2, 3], "a")
    change(database, two, "update things set a = 'two' where id = 1", UPDATED, [1], "a")
    change(database, three, "update things set a = 'three' where id = 2", UPDATED, [2], "a")
    prepare(database, "delete from things where id = 3")  # looked for in all journals that record deletions
    deleted = [made("things", DELETED, "4", {"id": "4", "xmin": "9" * 5000})]
    batch(database, odd, "select 1", deleted)
    with odd.open("a") as file:
        file.write('{"event":"undone","number":1,"transaction":3,"refused":[],"tried":0}\n')
    batch(database, clone, "select 1", deleted, close=False)
    clone.write_text(re.sub(r'"transaction":\d+', f'"transaction":{2**40}', clone.read_text()))
    code, told, said = undo(database, one)
    assert (code, tally(told), told["gone"], said.count("Next: ")) == (1, (0, 0, 0, 2), 1, 2)
    assert told["later"] == [str(three), str(two)]


@pytest.mark.thorough
def test_killed_on_the_way_both_ways_back(database: str, tmp_path: Path) -> None:
    one, two = tmp_path / "one", tmp_path / "two"
    prepare(
        database,
        "create table things (id int primary key, a text, b text)",
        "insert into things select n, 'a', 'b' from generate_series(1, 400) n",
    )
    for path in (one, two):
        for first in range(1, 401, 20):
            some = range(first, first + 20)
            update = f"update things set a = '{path.name}' where id between {first} and {first + 19}"
            change(database, path, update, UPDATED, some, "a")
    for path in (two, one):
        killed(database, path)
        wait_until(partial(undone, database, path))
    assert {row["a"] for row in rows(database, "things")} == {"a"}


def killed(url: str, path: Path) -> None:
    """Kill an undo after its first batches."""
    written = path.stat().st_size
    process = start("undo", str(path), "--yes", url=url)
    wait_until(lambda: path.stat().st_size > written or process.poll() is not None)
    process.send_signal(signal.SIGKILL)
    process.communicate(timeout=30)


def undone(url: str, path: Path) -> bool:
    """Whether an undo came to its end: the server may still be ending the transaction of the one that was killed."""
    result = run("undo", str(path), "--yes", url=url)
    assert result.returncode in {0, 1, 2}, result.stderr
    return result.returncode == 0

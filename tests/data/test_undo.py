"""`undo`: only what the repair made goes, what it changed is set back, what it deleted comes back, and nothing else."""

from __future__ import annotations

import json
import signal
import threading
import time
from functools import partial
from typing import TYPE_CHECKING, Any

import psycopg
import pytest

from crafting import DELETED, INSERTED, UPDATED, batch, lines, made, prepare, rows
from marks import one_in
from pooler import running_pooler
from rows import run, start, wait_until
from servers import connect

if TYPE_CHECKING:
    from pathlib import Path

    from servers import DatabaseServer

UPSERTED = (
    "create table customers (id int primary key, email text unique, plan text, visits int)",
    "insert into customers select n, n || '@x', 'gold', n from generate_series(1, 7) n",
)
UPSERT = """insert into customers select n, n || '@x', 'free', 0 from generate_series(1, 10) n
            on conflict (id) do update set plan = excluded.plan, visits = excluded.visits"""
UPSERT_MADE = [
    *(made("customers", UPDATED, str(n), {"plan": "gold", "visits": str(n)}) for n in range(1, 8)),
    *(made("customers", INSERTED, str(n)) for n in range(8, 11)),
]


def undo(url: str, path: Path, *more: str, code: int = 0) -> dict[str, Any]:
    result = run("undo", str(path), "--format", "json", *([] if "--dry-run" in more else ["--yes"]), *more, url=url)
    assert result.returncode == code, (result.stdout, result.stderr)
    told: dict[str, Any] = json.loads(result.stdout)
    dry = "--dry-run" in more
    assert ("would" in told, "deleted" in told, told["dry_run"]) == (dry, not dry, dry)
    return {**told, **told.get("would", {})}


def tally(told: dict[str, Any]) -> tuple[int, int, int, int, int]:
    return told["deleted"], told["restored"], told["returned"], told["gone"], told["refused"]


def test_an_upsert_deletes_only_the_rows_that_it_made(database: str, tmp_path: Path) -> None:
    prepare(database, *UPSERTED)
    before = rows(database, "customers")
    batch(database, tmp_path / "j", UPSERT, UPSERT_MADE)
    assert len(rows(database, "customers")) == 10
    assert tally(undo(database, tmp_path / "j")) == (3, 7, 0, 0, 0)
    assert rows(database, "customers") == before
    assert tally(undo(database, tmp_path / "j")) == (0, 0, 0, 0, 0)
    assert rows(database, "customers") == before


def test_an_update_that_is_not_told_is_refused_and_not_forgotten(database: str, tmp_path: Path) -> None:
    prepare(database, *UPSERTED)
    batch(database, tmp_path / "j", UPSERT, [made("customers", UPDATED, "1"), made("customers", INSERTED, "9")])
    told = undo(database, tmp_path / "j", code=1)
    assert tally(told) == (1, 0, 0, 0, 1)
    assert told["refusals"] == ["public.customers 1 cannot be restored: the journal does not hold its old values"]
    assert tally(undo(database, tmp_path / "j", code=1)) == (0, 0, 0, 0, 1)


DELETING = (
    """create table things (id int generated always as identity primary key, name text not null, code text unique,
         doubled text generated always as (name || name) stored, tags text[], made timestamptz default now())""",
    """insert into things (name, code, tags, made) values
         ('a', 'x', '{1,"b c"}', '2026-01-01 00:00+00'),
         ('b', null, null, '2026-01-02 00:00+00'), ('c', 'z', '{}', null)""",
)


def deleted(url: str) -> list[Any]:
    with connect(url) as connection:
        connection.execute("set timezone to 'America/New_York'")
        found = connection.execute("select id::text, name, code, tags::text, made::text from things order by id")
        names = ("id", "name", "code", "tags", "made")
        return [made("things", DELETED, row[0], dict(zip(names, row, strict=True))) for row in found.fetchall()]


def test_rows_that_were_deleted_come_back_where_their_keys_are_free(database: str, tmp_path: Path) -> None:
    prepare(database, *DELETING)
    before = rows(database, "things")
    batch(database, tmp_path / "j", "delete from things", deleted(database))
    prepare(
        database,
        "insert into things (id, name) overriding system value values (2, 'somebody else''s')",
        "insert into things (id, name, code) overriding system value values (9, 'took the code', 'z')",
    )
    told = undo(database, tmp_path / "j", code=1)
    assert tally(told) == (0, 0, 1, 0, 2)
    assert told["refusals"] == [
        "public.things 2 exists again: its key is in use",
        "public.things 3 cannot be re-inserted: its key, or another unique value, is in use",
    ]
    assert [row for row in rows(database, "things") if row["id"] == 1] == before[:1]
    prepare(database, "delete from things where id in (2, 9)")
    assert tally(undo(database, tmp_path / "j")) == (0, 0, 2, 0, 0)
    assert rows(database, "things") == before


def test_columns_that_went_or_came_since(database: str, tmp_path: Path) -> None:
    prepare(database, *DELETING)
    batch(database, tmp_path / "j", "delete from things", deleted(database))
    prepare(database, "alter table things drop column tags", "alter table things add column later int default 5")
    told = undo(database, tmp_path / "j", code=1)
    assert told["refused"] == 3
    assert "had a column tags, which no longer exists" in told["refusals"][0]


# Rows that reference them

FAMILY = (
    "create table parents (id int primary key, code text unique)",
    """create table children (id int primary key, parent_id int references parents on delete cascade,
         code text references parents (code) on update cascade)""",
    "create schema notes",
    "create table notes.notes (id int primary key, child_id int references children on delete cascade)",
    "create table notes.labels (id int primary key, parent_id int references parents on delete set null)",
)
PARENTS = "insert into parents select n, 'c' || n from generate_series(1, 4) n"


@pytest.mark.parametrize("indexed", [False, True])
def test_rows_with_children_stay_and_the_others_go(database: str, tmp_path: Path, indexed: bool) -> None:
    prepare(database, *FAMILY, *(["create index on children (parent_id)"] if indexed else []))
    batch(database, tmp_path / "j", PARENTS, [made("parents", INSERTED, str(n)) for n in range(1, 5)])
    prepare(
        database,
        "insert into children values (10, 1), (11, 1)",
        "insert into notes.notes values (100, 10)",
        "insert into notes.labels values (200, 2)",
    )
    kept = [rows(database, table) for table in ("children", "notes.notes", "notes.labels")]
    told = undo(database, tmp_path / "j", code=1)
    assert tally(told) == (2, 0, 0, 0, 2)
    assert told["refusals"][0].startswith("public.parents ")
    said = " ".join(told["refusals"])
    assert "public.children 10 references it by children_parent_id_fkey: it would be deleted too (" in said
    assert "so do public.children 11" in said
    assert "notes.labels 200 references it by labels_parent_id_fkey: it would lose its reference (on delete s" in said
    assert [row["id"] for row in rows(database, "parents")] == [1, 2]
    assert [rows(database, table) for table in ("children", "notes.notes", "notes.labels")] == kept
    prepare(database, "delete from children")
    assert tally(undo(database, tmp_path / "j", code=1)) == (1, 0, 0, 0, 1)


def test_children_that_the_journal_made_go_first(database: str, tmp_path: Path) -> None:
    prepare(database, *FAMILY, "alter table parents add up int references parents on delete cascade")
    path = tmp_path / "j"
    batch(database, path, PARENTS, [made("parents", INSERTED, str(n)) for n in range(1, 5)])
    batch(
        database,
        path,
        "insert into children select n, n from generate_series(1, 4) n",
        [made("children", INSERTED, str(n)) for n in range(1, 5)],
    )
    batch(
        database,
        path,
        "insert into parents select n, 'c' || n, n - 1 from generate_series(5, 9) n",
        [made("parents", INSERTED, str(n)) for n in range(5, 10)],
    )
    before = rows(database, "parents"), rows(database, "children")
    dry = undo(database, path, "--dry-run")
    assert (rows(database, "parents"), rows(database, "children")) == before
    assert tally(dry) == tally(undo(database, path)) == (13, 0, 0, 0, 0)
    assert (rows(database, "parents"), rows(database, "children")) == ([], [])


def test_a_column_that_others_reference_is_not_set_back(database: str, tmp_path: Path) -> None:
    prepare(database, *FAMILY, PARENTS)
    was = [made("parents", UPDATED, str(n), {"code": f"c{n}"}) for n in (1, 2)]
    batch(database, tmp_path / "j", "update parents set code = 'new' || id where id < 3", was)
    prepare(database, "insert into children values (10, null, 'new1')")
    told = undo(database, tmp_path / "j", code=1)
    assert tally(told) == (0, 1, 0, 0, 1)
    assert (
        "public.children 10 references it by children_code_fkey: it would change too (on update" in told["refusals"][0]
    )
    assert [row["code"] for row in rows(database, "parents")] == ["new1", "c2", "c3", "c4"]
    assert rows(database, "children") == [{"id": 10, "parent_id": None, "code": "new1"}]


def test_a_child_that_comes_while_undo_runs_is_waited_for(database: str, tmp_path: Path) -> None:
    prepare(database, *FAMILY)
    batch(database, tmp_path / "j", PARENTS, [made("parents", INSERTED, str(n)) for n in range(1, 5)])
    with psycopg.connect(database) as application:
        application.execute("insert into children values (10, 3)")
        process = start("undo", str(tmp_path / "j"), "--yes", url=database)
        wait_until(lambda: is_waiting(database))
        application.commit()
        out, errors = process.communicate(timeout=30)
    assert process.returncode == 1, errors
    assert "3 rows deleted" in out
    assert "children 10 references it" in out
    assert [row["id"] for row in rows(database, "children")] == [10]


def is_waiting(url: str) -> bool:
    with connect(url) as connection:
        found = connection.execute(
            """select from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'
               and application_name = 'sessionaudit'"""
        )
        return found.fetchone() is not None


def test_children_are_never_lost_while_others_insert_them(database: str, tmp_path: Path) -> None:
    prepare(database, *FAMILY)
    path = tmp_path / "j"
    for first in range(1, 2001, 200):
        batch(
            database,
            path,
            f"insert into parents select n, n::text from generate_series({first}, {first + 199}) n",
            [made("parents", INSERTED, str(n)) for n in range(first, first + 200)],
        )
    stop, came = threading.Event(), list[int]()

    def insert() -> None:
        with connect(database) as connection:
            for number in range(1, 2001):
                if stop.is_set():
                    return
                try:
                    connection.execute("insert into children values (%s, %s)", (number, 1 + (number * 7919) % 2000))
                except psycopg.errors.ForeignKeyViolation:
                    continue
                came.append(number)

    thread = threading.Thread(target=insert)
    thread.start()
    try:
        result = run("undo", str(path), "--yes", url=database)
    finally:
        stop.set()
        thread.join()
    assert result.returncode in {0, 1}, result.stderr
    assert [row["id"] for row in rows(database, "children")] == sorted(came)


def test_a_row_that_is_told_with_its_key_is_set_back_whoever_references_it(database: str, tmp_path: Path) -> None:
    prepare(database, *FAMILY, PARENTS, "insert into children (id, parent_id) values (10, 1), (11, 2), (12, 3)")
    batch(
        database,
        tmp_path / "j",
        "update parents set code = 'new' where id = 1; update parents set id = 9 where id = 4",
        [
            made("parents", UPDATED, "1", {"id": "1", "code": "c1"}),
            made("parents", UPDATED, "2", {"id": "2"}),
            made("parents", UPDATED, "9", {"id": "4"}),
        ],
    )
    prepare(database, "insert into notes.labels values (200, 9)")
    told = undo(database, tmp_path / "j", code=1)
    assert tally(told) == (0, 1, 0, 0, 2)
    assert [row["code"] for row in rows(database, "parents")] == ["c1", "c2", "c3", "c4"]
    assert "public.parents 2 has been changed since" in told["refusals"]  # nothing was written to it by that batch
    prepare(database, "delete from notes.labels")
    assert undo(database, tmp_path / "j", code=1)["restored"] == 1
    assert [row["id"] for row in rows(database, "parents")] == [1, 2, 3, 4]


# What else stands in the way


def test_rows_that_a_constraint_stands_against_do_not_hold_up_the_others(database: str, tmp_path: Path) -> None:
    prepare(database, *UPSERTED)
    batch(
        database,
        tmp_path / "j",
        "update customers set email = 'was ' || id",
        [made("customers", UPDATED, str(n), {"email": f"{n}@x"}) for n in range(1, 8)],
    )
    prepare(database, "insert into customers (id, email) values (77, '4@x')")
    dry = undo(database, tmp_path / "j", "--dry-run", code=1)
    told = undo(database, tmp_path / "j", code=1)
    assert tally(dry) == tally(told) == (0, 6, 0, 0, 1)
    assert dry["refusals"] == told["refusals"]
    assert told["refusals"][0].startswith("public.customers 4: duplicate key value violates unique constraint")
    assert rows(database, "customers")[3]["email"] == "was 4"


def test_a_row_that_a_trigger_keeps_is_not_said_to_be_gone(database: str, tmp_path: Path) -> None:
    prepare(
        database,
        *UPSERTED,
        "create function keep() returns trigger language plpgsql as $$ begin return null; end $$",
        "create trigger keep before delete on customers for each row when (old.id = 9) execute function keep()",
    )
    batch(database, tmp_path / "j", UPSERT, UPSERT_MADE)
    told = undo(database, tmp_path / "j", code=1)
    assert tally(told) == (2, 7, 0, 0, 1)
    assert told["refusals"] == ["public.customers 9 was kept by a trigger or a rule of the table"]


def test_a_row_that_somebody_changed_between_two_batches_stays(database: str, tmp_path: Path) -> None:
    prepare(database, *UPSERTED)
    path = tmp_path / "j"
    first = batch(
        database,
        path,
        "insert into customers (id, plan) values (20, 'new'), (21, 'new')",
        [made("customers", INSERTED, "20"), made("customers", INSERTED, "21")],
    )
    prepare(database, "update customers set plan = 'chosen by the customer' where id = 20")
    with connect(database) as connection:
        found = connection.execute("select xmin::text from customers where id = 20").fetchone()
    assert found is not None
    batch(
        database,
        path,
        "update customers set visits = 5 where id in (20, 21)",
        [
            made("customers", UPDATED, "20", {"visits": None, "xmin": found[0]}),
            made("customers", UPDATED, "21", {"visits": None, "xmin": str(first)}),
        ],
    )
    dry = undo(database, path, "--dry-run", code=1)
    told = undo(database, path, code=1)
    assert tally(dry) == tally(told) == (1, 2, 0, 0, 1)
    assert rows(database, "customers")[7:] == [
        {"id": 20, "email": None, "plan": "chosen by the customer", "visits": None}
    ]


def test_a_row_that_was_made_and_then_updated_to_the_same_values_goes(database: str, tmp_path: Path) -> None:
    prepare(database, *UPSERTED)
    path = tmp_path / "j"
    insert = "insert into customers (id, plan) values (20, 'new'), (21, 'new')"
    first = str(batch(database, path, insert, [made("customers", INSERTED, one) for one in ("20", "21")]))
    second = [made("customers", UPDATED, one, {"id": one, "xmin": first}) for one in ("20", "21")]
    batch(database, path, "update customers set plan = plan where id in (20, 21)", second)
    prepare(database, "update customers set plan = 'chosen by the customer' where id = 21")
    dry = undo(database, path, "--dry-run", code=1)
    told = undo(database, path, code=1)
    assert tally(dry) == tally(told) == (1, 1, 0, 0, 2)
    assert [row["id"] for row in rows(database, "customers")[7:]] == [21]


# Keys

KEYS = {
    "timestamptz": "2026-03-01 12:00:00+00",
    "char(4)": "ab",
    "inet": "10.0.0.1",
    "boolean": "t",
    "numeric": "1.00",
    "int[]": "{1,2}",
    "things.code": "a",
    "things.letters": "Ab",
    "things.pair": '(2,"y z")',
    "date": "2026-12-31",
    "interval": "1 day 02:00:00",
    "bytea": "\\x00ff",
}


@pytest.mark.parametrize("type_", one_in(2, KEYS))
def test_keys_of_every_type(database: str, tmp_path: Path, type_: str) -> None:
    prepare(
        database,
        "create schema things",
        "create extension if not exists citext schema things",
        "create domain things.code as text check (value <> '')",
        "create type things.pair as (a int, b text)",
        "create domain things.letters as things.citext",
        f"create table kept (id {type_} primary key, n int)",
        f"create table gone (id {type_} primary key, n int)",
        f"create table made (id {type_} primary key, n int)",
        f"insert into kept values ('{KEYS[type_]}', 1)",
    )
    prepare(database, "insert into gone select * from kept")
    key = KEYS[type_]
    batch(
        database,
        tmp_path / "j",
        f"insert into made values ('{key}', 1); update kept set n = 2; delete from gone",
        [
            made("made", INSERTED, key),
            made("kept", UPDATED, key, {"n": "1"}),
            made("gone", DELETED, key, {"id": key, "n": "1"}),
        ],
    )
    name = database.rpartition("/")[2].partition("?")[0]
    prepare(
        database,
        f"alter database {name} set timezone to 'Asia/Tokyo'",
        f"alter database {name} set datestyle to 'SQL, DMY'",
        f"alter database {name} set intervalstyle to 'sql_standard'",
        f"alter database {name} set bytea_output to 'escape'",
    )
    assert tally(undo(database, tmp_path / "j")) == (1, 1, 1, 0, 0)
    assert rows(database, "made") == []
    assert rows(database, "kept") == rows(database, "gone")
    assert rows(database, "kept")[0]["n"] == 1


@pytest.mark.parametrize("type_", ["text", "char(4)", "inet[]"])
def test_odd_names_are_names(database: str, tmp_path: Path, type_: str) -> None:
    prepare(
        database,
        'create schema "a.b; --"',
        f"""create table "a.b; --"."%%(rows)s ""x" ("%(rows)s" {type_} primary key, "c%s" int)""".replace("%%", "%"),
        """insert into "a.b; --"."%(rows)s ""x" values ('{}', 1)""".replace("{}", "{}" if "[" in type_ else "ab"),
    )
    key = "{}" if "[" in type_ else "ab"
    path = tmp_path / "j"
    one = made("x", UPDATED, key, {"c%s": "1"})._replace(table=("a.b; --", '%(rows)s "x'))
    batch(database, path, """update "a.b; --"."%(rows)s ""x" set "c%s" = 2""", [one])
    assert tally(undo(database, path)) == (0, 1, 0, 0, 0)
    with connect(database) as connection:
        assert connection.execute("""select "c%s" from "a.b; --"."%(rows)s ""x\"""").fetchall() == [(1,)]


# What is asked, and what a part of it is


def test_it_says_of_how_many_rows_of_which_tables_before_it_asks(database: str, tmp_path: Path) -> None:
    prepare(database, *UPSERTED, *DELETING)
    batch(database, tmp_path / "j", UPSERT, UPSERT_MADE)
    batch(database, tmp_path / "j", "delete from things", deleted(database))
    before = rows(database, "customers"), (tmp_path / "j").read_bytes()
    result = run("undo", str(tmp_path / "j"), url=database)
    assert (result.returncode, "Pass --yes" in result.stderr) == (2, True)
    said = "Undo would delete 3 rows of public.customers, restore 7 rows of public.customers and re-insert 3 rows "
    assert said in result.stderr
    assert (rows(database, "customers"), (tmp_path / "j").read_bytes()) == before


def test_a_rehearsal_tells_the_same_and_writes_nothing_at_all(database: str, tmp_path: Path) -> None:
    prepare(database, *UPSERTED, *DELETING)
    path = tmp_path / "j"
    batch(database, path, UPSERT, UPSERT_MADE, close=False)
    batch(database, path, "delete from things", deleted(database), close=False)
    prepare(database, "update customers set visits = 99 where id = 3")

    def image() -> tuple[Any, ...]:
        return rows(database, "customers"), rows(database, "things"), path.read_bytes(), path.stat().st_mtime_ns

    before = image()
    dry = run("undo", str(path), "--dry-run", url=database)
    assert image() == before
    real = run("undo", str(path), "--yes", url=database)
    assert (dry.returncode, dry.stdout) == (real.returncode, real.stdout)
    assert "public.customers 3 has been changed since" in dry.stdout
    assert "rolled back" in dry.stderr
    assert "rolled back" not in real.stderr


def test_one_invariant_of_several(database: str, tmp_path: Path) -> None:
    prepare(database, *UPSERTED, *DELETING)
    path = tmp_path / "j"
    batch(database, path, UPSERT, UPSERT_MADE, invariant="one")
    batch(database, path, "delete from things", deleted(database), invariant="other")
    assert tally(undo(database, path, "--invariant", "other")) == (0, 0, 3, 0, 0)
    assert len(rows(database, "customers")) == 10
    refused = run("undo", str(path), "--yes", "--invariant", "nothing", url=database)
    assert refused.returncode == 2  # a slip must not pass for a clean undo
    assert "Known here: one, other." in refused.stderr
    assert tally(undo(database, path)) == (3, 7, 0, 0, 0)


@pytest.mark.parametrize("seed", [0, *(pytest.param(seed, marks=pytest.mark.slow) for seed in range(1, 3))])
def test_killed_between_batches_it_goes_on_and_takes_nothing_back_twice(
    database: str, tmp_path: Path, seed: int
) -> None:
    prepare(
        database,
        "create table many (id int primary key, n int)",
        "insert into many select n, 0 from generate_series(1, 2000) n",
        "create table came (id int primary key)",
    )
    path = tmp_path / "j"
    for first in range(1, 2001, 50):
        some = range(first, first + 50)
        batch(
            database,
            path,
            f"update many set n = n + 1 where id between {first} and {first + 49};"
            f" insert into came select generate_series({first}, {first + 49})",
            [
                *(made("many", UPDATED, str(n), {"n": "0"}) for n in some),
                *(made("came", INSERTED, str(n)) for n in some),
            ],
        )
    for _ in range(2):
        written = path.stat().st_size
        process = start("undo", str(path), "--yes", url=database)
        wait_until(partial(lambda size, one: path.stat().st_size > size or one.poll() is not None, written, process))
        time.sleep(0.02 * seed)
        process.send_signal(signal.SIGKILL)
        process.communicate(timeout=30)
    wait_until(lambda: idle(database))
    result = run("undo", str(path), "--yes", url=database)
    assert result.returncode == 0, (result.stdout, result.stderr)
    assert rows(database, "came") == []
    assert {row["n"] for row in rows(database, "many")} == {0}
    prepare(database, "update many set n = 7")
    assert tally(undo(database, path)) == (0, 0, 0, 0, 0)


def idle(url: str) -> bool:
    with connect(url) as connection:
        found = connection.execute(
            "select from pg_stat_activity where datname = current_database() and application_name = 'sessionaudit'"
        )
        return found.fetchone() is None


def test_through_a_pooler(server: DatabaseServer, database: str, tmp_path: Path) -> None:
    prepare(database, *UPSERTED)
    before = rows(database, "customers")
    batch(database, tmp_path / "j", UPSERT, UPSERT_MADE)
    with running_pooler(database, size=1) as url:
        assert tally(undo(url, tmp_path / "j", "--dry-run")) == (3, 7, 0, 0, 0)
        assert tally(undo(url, tmp_path / "j")) == (3, 7, 0, 0, 0)
    assert rows(database, "customers") == before


def test_a_name_that_a_pooler_has_for_the_database_is_no_other_database(database: str, tmp_path: Path) -> None:
    prepare(database, *UPSERTED)
    batch(database, tmp_path / "j", UPSERT, UPSERT_MADE)
    head, *others = lines(tmp_path / "j")
    renamed = [{**head, "database": "the_poolers_name"}, *others]
    (tmp_path / "j").write_text("".join(json.dumps(one, separators=(",", ":")) + "\n" for one in renamed))
    assert tally(undo(database, tmp_path / "j")) == (3, 7, 0, 0, 0)

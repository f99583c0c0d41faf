"""Mending rows by contracts that are not the demo's: without times, with arrays, with a % where one may stand."""

from __future__ import annotations

import datetime as dt
import json
from typing import TYPE_CHECKING, Any

import psycopg
import pytest

from rows import loaded, orphans, run
from servers import connect
from sessionaudit.audits.data import index_probe, queries
from sessionaudit.audits.data.keys import array
from sessionaudit.audits.data.transaction import transaction
from sessionaudit.backfill import bulk
from sessionaudit.backfill import row_repair as repairs
from sessionaudit.backfill.journal.writing import Journal
from sessionaudit.backfill.pace import Pace
from sessionaudit.contract.loader import load
from sessionaudit.postgres.connection import connect as connect_safely
from sessionaudit.postgres.identity import identity

if TYPE_CHECKING:
    from pathlib import Path

    from sessionaudit.contract.model import Contract

TABLES = """
create function nap(float) returns text language sql as 'select pg_catalog.pg_sleep($1)::text';
create table parent (id int primary key, tags text[], notes jsonb);
create table child (id serial primary key, parent_id int);
create index on child (parent_id);
"""
HEAD = """version: 1
tables:
  parent: {columns: {id: integer not null}}
  child: {columns: {parent_id: integer}}
invariants:
"""
HAS = """  parent_has_child:
    summary: Every parent has a child
    each: parent p
    has: child c
    on: c.parent_id = p.id
    repair: child.sql
"""
CHILD = """insert into child (parent_id)
select p.id from parent p
where p.id = any (%(keys)s::int[]) and not exists (select from child c where c.parent_id = p.id)
returning id, parent_id as key"""
TAGGED = """  parent_is_tagged:
    summary: Every parent has one tag
    of: parent
    violations: select p.id from parent p where tags <> '{new}' group by p.id
    repair: tag.sql
"""
TAG = """with wrong as (
  select id, tags, notes from parent where id = any (%(keys)s::int[]) and tags <> '{new}' for no key update
)
update parent p set tags = '{new}', notes = null from wrong w where p.id = w.id
returning p.id, p.id as key, w.tags as tags_was, w.notes as notes_was"""


def prepare(
    url: str, folder: Path, invariants: str = HAS, *, number: int = 3, child: str = CHILD, tables: str = TABLES
) -> tuple[str, ...]:
    """Make the tables, the contract and its repairs; the words that name the contract."""
    with connect(url) as connection:
        connection.execute(tables.encode())
        connection.execute(
            """insert into parent
               select n, array['a,b', '"', null, n::text], '[1, "x"]' from generate_series(1, %s) n""",
            (number,),
        )
    (folder / "child.sql").write_text(child, encoding="utf-8")
    (folder / "tag.sql").write_text(TAG, encoding="utf-8")
    (folder / "c.yaml").write_text(HEAD + invariants, encoding="utf-8")
    return ("-c", str(folder / "c.yaml"))


def children(url: str) -> list[int]:
    with connect(url) as connection:
        return [row[0] for row in connection.execute("select parent_id from child order by 1")]


def test_since_where_nothing_tells_the_time_is_refused(database: str, tmp_path: Path) -> None:
    named = prepare(database, tmp_path)
    result = run("backfill", "--all", "--yes", "--since", "yesterday", *named, url=database, cwd=tmp_path)
    assert (result.returncode, children(database)) == (2, [])
    assert "created_at" in result.stderr
    assert "broken" not in result.stderr


@pytest.mark.parametrize("arguments", [(), ("--dry-run",), ("--yes",)], ids=str)
def test_a_since_that_is_no_time_is_refused_before_anything_is_asked(
    database: str, tmp_path: Path, arguments: tuple[str, ...]
) -> None:
    named = prepare(database, tmp_path, HAS + "    since: now() - interval '1 day'\n")
    result = run("backfill", "--all", "--since", "no time", *arguments, *named, url=database, cwd=tmp_path)
    assert (result.returncode, children(database)) == (2, [])
    assert "--since" in result.stderr
    assert "broken" not in result.stderr


def test_preview_and_rehearsal_keep_to_since_and_limit(database: str, tmp_path: Path) -> None:
    named = prepare(database, tmp_path, HAS + "    since: now() - (p.id || ' days')::interval\n", number=10)
    since = str(dt.datetime.now(tz=dt.UTC) - dt.timedelta(days=2.5))
    rehearsal = ("backfill", "--all", "--dry-run", "--format", "json", *named)
    result = run(*rehearsal, "--since", since, url=database)
    (told,) = json.loads(result.stdout)["invariants"]
    assert (told["broken"], sorted(one["id"] for one in told["results"])) == (2, ["1", "2"])
    assert "2 broken since" in result.stderr
    result = run(*rehearsal, "--limit", "3", url=database)
    (told,) = json.loads(result.stdout)["invariants"]
    assert (told["broken"], len(told["results"])) == (10, 3)
    assert "10 broken, of which 3 are repaired" in result.stderr
    result = run("backfill", "--all", "--yes", "--since", since, *named, url=database, cwd=tmp_path)
    assert (result.returncode, children(database)) == (0, [1, 2])


def test_json_is_one_object_whatever_happens(database: str, tmp_path: Path) -> None:
    named = prepare(database, tmp_path, HAS + TAGGED)
    call = ("backfill", "--all", "--format", "json", *named)
    rehearsed = json.loads(run(*call, "--dry-run", url=database).stdout)
    assert [one["invariant"] for one in rehearsed["invariants"]] == ["parent_has_child", "parent_is_tagged"]
    assert rehearsed["dry_run"] is True
    assert [
        one["left"] for one in json.loads(run(*call, "--yes", url=database, cwd=tmp_path).stdout)["invariants"]
    ] == [
        0,
        0,
    ]
    nothing = json.loads(run(*call, "--yes", url=database, cwd=tmp_path).stdout)
    assert (nothing["journal"], nothing["invariants"]) == (None, [])


def test_arrays_are_brought_back(database: str, tmp_path: Path) -> None:
    named = prepare(database, tmp_path, HAS + TAGGED)
    journal = tmp_path / "j.jsonl"

    def tagged() -> list[Any]:
        with connect(database) as connection:
            return connection.execute("select id, tags, notes from parent order by 1").fetchall()

    before = tagged()
    result = run("backfill", "--all", "--yes", "--journal", str(journal), *named, url=database)
    assert result.returncode == 0, result.stderr
    assert tagged() == [(n, ["new"], None) for n in (1, 2, 3)]
    result = run("undo", str(journal), "--yes", url=database)
    assert (result.returncode, tagged(), children(database)) == (0, before, []), result.stderr


def test_a_batch_that_cannot_be_brought_back_does_not_hold_up_the_others(database: str, tmp_path: Path) -> None:
    named = prepare(database, tmp_path, HAS + TAGGED)
    journal = tmp_path / "j.jsonl"
    run("backfill", "--all", "--yes", "--journal", str(journal), *named, url=database)
    with connect(database) as connection:
        connection.execute("alter table parent add constraint only_new check (tags = '{new}')")
    result = run("undo", str(journal), "--yes", url=database)
    assert (result.returncode, children(database)) == (1, [])
    assert "\n3 rows deleted, 0 restored, 0 re-inserted, 0 gone already, 3 refused.\n" in result.stdout
    assert "only_new" in result.stdout
    with connect(database) as connection:
        connection.execute("alter table parent drop constraint only_new")
    result = run("undo", str(journal), "--yes", url=database)
    assert (result.returncode, "3 restored" in result.stdout) == (0, True)


@pytest.mark.parametrize(
    "child",
    [
        "-- mends 100 % of them: %s, %(other)s\n" + CHILD,
        CHILD.replace("where p.id", "where p.id % 1 = 0 and 'a%' like '%' and p.id"),
    ],
    ids=["comment", "operator"],
)
def test_a_percent_sign_in_a_repair_stands_as_it_is(database: str, tmp_path: Path, child: str) -> None:
    named = prepare(database, tmp_path, child=child)
    result = run("backfill", "1", *named, url=database)
    assert (result.returncode, children(database)) == (0, [1]), result.stderr
    result = run("backfill", "--all", "--yes", *named, url=database, cwd=tmp_path)
    assert (result.returncode, children(database)) == (0, [1, 2, 3]), result.stderr


def test_a_percent_sign_in_a_name_stands_as_it_is(database: str, tmp_path: Path) -> None:
    def renamed(text: str) -> str:
        return text.replace("child (", '"100% child" (').replace("child c", '"100% child" c')

    named = prepare(database, tmp_path, renamed(HAS).replace("has: ", "has: '").replace("child\" c", "child\" c'"),
                    child=renamed(CHILD), tables=renamed(TABLES))  # fmt: skip
    path = tmp_path / "c.yaml"
    path.write_text(path.read_text(encoding="utf-8").replace("  child:", "  '\"100% child\"':"), encoding="utf-8")
    journal = tmp_path / "j.jsonl"
    result = run("backfill", "1", *named, url=database)
    assert result.returncode == 0, result.stderr
    result = run("backfill", "--all", "--yes", "--journal", str(journal), *named, url=database)
    assert result.returncode == 0, result.stderr
    result = run("undo", str(journal), "--yes", url=database)
    assert "2 rows deleted" in result.stdout


# How much is asked


def test_a_query_of_all_that_is_broken_is_not_asked_for_each_batch(
    database: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where no index leads into it, it costs as much for one key as for all: n batches would cost n²."""
    _, path = prepare(database, tmp_path, TAGGED, number=600)
    asked: list[str] = []
    plain = psycopg.Connection.execute

    def noted(self: Any, *arguments: Any, **options: Any) -> Any:
        asked.append(arguments[0].decode() if isinstance(arguments[0], bytes) else str(arguments[0]))
        return plain(self, *arguments, **options)

    with connect_safely(database) as connection:
        contract = load(tmp_path / "c.yaml")
        repair = repairs.load(connection, contract, contract.invariants[0])
        journal = Journal.open(tmp_path / "j", run="r", about=identity(connection))
        monkeypatch.setattr(psycopg.Connection, "execute", noted)
        progress = bulk.Bulk(bulk.connecting(database), repair, journal, Pace(size=50, most=50), "r").run()
        journal.close()
    assert (progress.made, progress.batches, path[-6:]) == (600, 12, "c.yaml")
    whole = [statement for statement in asked if "group by p.id" in statement and "explain" not in statement]
    assert [statement.partition(" ")[0] for statement in whole] == ["declare"], "but to collect the keys"


@pytest.mark.parametrize("name", ["pending_request_is_not_over", "one_pending_request_per_session"])
def test_an_index_leads_into_the_contracts_own_queries(good: str, contract: Contract, name: str) -> None:
    orphans(good, 3000)
    with connect(good) as connection:
        connection.execute("update public.sessions set status = 'completed' where stripe_session_id like 'o\\_%'")
        connection.execute(
            """insert into public.session_requests (customer_id, session_type, plan_code, metadata)
               select customer_user_id, type, plan, jsonb_build_object('session_id', id)
               from public.sessions, generate_series(1, 2) where stripe_session_id like 'o\\_%'"""
        )
        connection.execute("analyze")
    with connect_safely(good) as connection:
        repair = loaded(connection, contract, name)
        looking = queries.still_broken(repair.invariant, repair.table)
        with transaction(connection, "public", timeout=60):
            keys = [str(row[0]) for row in connection.execute("select id from session_requests limit 100")]
            assert index_probe.walks(connection, looking, {"keys": array(keys)})


# What takes too long


def test_a_count_that_takes_too_long_names_its_own_option(database: str, tmp_path: Path) -> None:
    named = prepare(database, tmp_path, HAS + "    where: (select true from nap(5))\n")
    result = run("backfill", "--all", "--yes", "--data-timeout", "0.3", *named, url=database, cwd=tmp_path)
    assert (result.returncode, "--data-timeout" in result.stderr) == (3, True)
    assert "--statement-timeout" not in result.stderr


def test_a_run_whose_last_count_takes_too_long_is_told_and_not_proven(database: str, tmp_path: Path) -> None:
    slow = "    where: case when exists (select from child) then (select true from nap(5)) else true end\n"
    named = prepare(database, tmp_path, HAS + slow)
    call = ("backfill", "--all", "--yes", "--data-timeout", "0.5", "--format", "json")
    result = run(*call, *named, url=database, cwd=tmp_path)
    assert result.returncode == 3, result.stderr
    (told,) = json.loads(result.stdout)["invariants"]
    assert (told["made"], told["left"], children(database)) == (3, None, [1, 2, 3])
    assert "could not be verified" in result.stderr
    assert "It holds now" not in result.stderr

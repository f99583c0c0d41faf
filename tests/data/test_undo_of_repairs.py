"""From a repair file to its undo: upserts, updates and deletions, and every row as it was before."""

from __future__ import annotations

import signal
import time
from typing import TYPE_CHECKING, Any

import pytest

from crafting import prepare, rows
from rows import run, start, wait_until
from servers import connect

if TYPE_CHECKING:
    from pathlib import Path

TABLES = (
    "create schema ext",
    "create extension if not exists citext schema ext",
    "create table orders (id int primary key, customer ext.citext not null, state text)",
    """create table customers (id ext.citext primary key, plan text, tags text[], seen timestamptz,
         note text generated always as ('n' || plan) stored)""",
    "create table letters (id int primary key, customer ext.citext references customers on delete cascade)",
    "insert into orders select n, 'Customer ' || n, 'open' from generate_series(1, 300) n",
    """insert into customers select 'customer ' || n, 'gold', array['a,b', null, n::text], now() - n * interval '1 day'
       from generate_series(1, 100) n""",
)
CONTRACT = """version: 1
tables:
  orders: {}
  customers: {}
invariants:
  order_has_customer:
    summary: Every order's customer is known, and is up to date
    of: orders
    violations: |-
      select o.id from orders o
      where not exists (select from customers c where c.id operator(ext.=) o.customer and c.plan = 'silver')
    repair: upsert.sql
  order_is_open:
    summary: No order is closed
    of: orders
    violations: select o.id from orders o where o.state = 'closed'
    repair: drop.sql
"""
UPSERT = """insert into customers (id, plan)
select o.customer, 'silver' from orders o where o.id = any (%(keys)s::int[])
on conflict (id) do update set plan = excluded.plan, tags = null, seen = now()
returning id, (select o.id from orders o where o.customer operator(ext.=) customers.id limit 1) as key"""
DROP = "delete from orders where id = any (%(keys)s::int[]) and state = 'closed' returning id, id as key"


@pytest.fixture
def named(database: str, tmp_path: Path) -> tuple[str, ...]:
    """The tables, a contract over them, and the words that name it."""
    prepare(database, *TABLES)
    (tmp_path / "upsert.sql").write_text(UPSERT)
    (tmp_path / "drop.sql").write_text(DROP)
    (tmp_path / "c.yaml").write_text(CONTRACT)
    return ("-c", str(tmp_path / "c.yaml"))


def image(url: str) -> list[Any]:
    return [rows(url, table) for table in ("orders", "customers", "letters")]


def upsert(url: str, named: tuple[str, ...], path: Path, *more: str) -> None:
    call = ("backfill", "--all", "--yes", "--invariant", "order_has_customer", "--journal", str(path), *more)
    result = run(*call, *named, url=url)
    assert result.returncode == 0, result.stderr


def test_an_upsert_over_rows_that_were_there(database: str, named: tuple[str, ...], tmp_path: Path) -> None:
    before, path = image(database), tmp_path / "j"
    upsert(database, named, path)
    assert len(rows(database, "customers")) == 300
    dry = run("undo", str(path), "--dry-run", url=database)
    real = run("undo", str(path), "--yes", url=database)
    assert real.returncode == 0, real.stdout
    assert dry.stdout == real.stdout == "200 rows deleted, 100 restored, 0 re-inserted, 0 gone already, 0 refused.\n"
    assert image(database) == before


def test_one_order_by_its_id(database: str, named: tuple[str, ...], tmp_path: Path) -> None:
    before, path = image(database), tmp_path / "j"
    for order in ("5", "200"):
        call = ("backfill", order, "--invariant", "order_has_customer", "--journal", str(path))
        assert run(*call, *named, url=database).returncode == 0
    result = run("undo", str(path), "--yes", url=database)
    assert (result.returncode, "1 row deleted, 1 restored" in result.stdout) == (0, True), result.stdout
    assert image(database) == before


def test_what_belongs_to_a_new_row_by_now_keeps_it(database: str, named: tuple[str, ...], tmp_path: Path) -> None:
    path = tmp_path / "j"
    upsert(database, named, path)
    prepare(database, "insert into letters values (1, 'CUSTOMER 250'), (2, 'customer 7')")
    letters = rows(database, "letters")
    result = run("undo", str(path), "--yes", url=database)
    assert (result.returncode, "199 rows deleted, 100 restored" in result.stdout) == (1, True), result.stdout
    assert "public.customers Customer 250 cannot be undone: public.letters 1 references it" in result.stdout
    assert rows(database, "letters") == letters


def test_rows_that_a_repair_deleted(database: str, named: tuple[str, ...], tmp_path: Path) -> None:
    prepare(database, "update orders set state = 'closed' where id > 250")
    before, path = image(database), tmp_path / "j"
    call = ("backfill", "--all", "--yes", "--invariant", "order_is_open", "--journal", str(path))
    assert run(*call, *named, url=database).returncode == 0
    assert len(rows(database, "orders")) == 250
    result = run("undo", str(path), "--yes", url=database)
    assert (result.returncode, "50 re-inserted" in result.stdout) == (0, True), result.stdout
    assert image(database) == before


@pytest.mark.thorough
@pytest.mark.parametrize("seed", [0, *(pytest.param(seed, marks=pytest.mark.slow) for seed in range(1, 3))])
def test_killed_on_the_way_there_and_on_the_way_back(
    database: str, named: tuple[str, ...], tmp_path: Path, seed: int
) -> None:
    prepare(
        database,
        "insert into orders select n, 'Customer ' || n, 'open' from generate_series(301, 4000) n",
        "create index on customers (plan)",
    )
    before, path = image(database), tmp_path / "j"
    call = (
        "backfill",
        "--all",
        "--yes",
        "--invariant",
        "order_has_customer",
        "--target",
        "0.005",
        "--journal",
        str(path),
    )
    killed(database, path, seed, *call, *named)
    prepare(database, "analyze", "drop index customers_plan_idx")
    upsert(database, named, path)
    assert len(rows(database, "customers")) == 4000
    for _ in range(2):
        killed(database, path, seed, "undo", str(path), "--yes")
    result = run("undo", str(path), "--yes", url=database)
    assert result.returncode == 0, (result.stdout, result.stderr)
    assert image(database) == before


def killed(url: str, path: Path, seed: int, *words: str) -> None:
    """Start it, kill it some time after it has written into the journal, and wait until the server has noticed."""
    written = path.stat().st_size if path.exists() else 2000
    process = start(*words, url=url)
    wait_until(lambda: (path.exists() and path.stat().st_size > written) or process.poll() is not None)
    time.sleep(0.03 * seed)
    process.send_signal(signal.SIGKILL)
    process.communicate(timeout=30)
    wait_until(lambda: is_idle(url))


def is_idle(url: str) -> bool:
    with connect(url) as connection:
        found = connection.execute(
            "select from pg_stat_activity where datname = current_database() and application_name = 'sessionaudit'"
        )
        return found.fetchone() is None


@pytest.mark.parametrize(
    "repair",
    [
        f"{DROP};\n-- the end",
        f"{DROP};;",
        f"-- update nothing\n{DROP}/* ; */ ; -- insert",
        f"with recursive r (n) as (select 1 union all select n + 1 from r where n < 2) {DROP}",
        DROP.replace("returning id, id as key", "returning *"),
        DROP.replace("returning id, id as key", "returning id, id + 0, state as nothing_was, upper(state), id as key"),
    ],
)
def test_a_statement_in_every_dress(database: str, named: tuple[str, ...], tmp_path: Path, repair: str) -> None:
    prepare(database, "update orders set state = 'closed' where id <= 3")
    before, path = image(database), tmp_path / "j"
    (tmp_path / "drop.sql").write_text(repair)
    call = ("backfill", "--all", "--yes", "--invariant", "order_is_open", "--journal", str(path))
    result = run(*call, *named, url=database)
    assert result.returncode == 0, result.stderr
    assert len(rows(database, "orders")) == 297
    assert run("undo", str(path), "--yes", url=database).returncode == 0
    assert image(database) == before


def test_what_no_column_was_is_not_told(database: str, named: tuple[str, ...], tmp_path: Path) -> None:
    """A column of the result that only looks as if it told what was: the repair says nothing, so it is read."""
    prepare(database, "update orders set state = 'closed' where id <= 3")
    before, path = image(database), tmp_path / "j"
    (tmp_path / "drop.sql").write_text(
        "update orders set state = 'open' where id = any (%(keys)s::int[]) returning id, id as key, state as it_was"
    )
    call = ("backfill", "--all", "--yes", "--invariant", "order_is_open", "--journal", str(path))
    assert run(*call, *named, url=database).returncode == 0
    result = run("undo", str(path), "--yes", url=database)
    assert result.returncode == 0, result.stdout
    assert image(database) == before


def test_a_row_is_known_by_its_primary_key_and_by_no_other_column(
    database: str, named: tuple[str, ...], tmp_path: Path
) -> None:
    """Else the journal would name other rows."""
    (tmp_path / "drop.sql").write_text(DROP.replace("returning id, id as key", "returning customer, id as key"))
    result = run("backfill", "--all", "--yes", "--invariant", "order_is_open", *named, url=database)
    assert result.returncode == 2
    assert "is not the primary key of public.orders" in result.stderr


def test_an_invariant_that_the_journal_does_not_know_is_refused(
    database: str, named: tuple[str, ...], tmp_path: Path
) -> None:
    path = tmp_path / "j"
    upsert(database, named, path)
    result = run("undo", str(path), "--yes", "--invariant", "order_has_custome", url=database)
    assert result.returncode == 2
    assert "has no rows of the invariant order_has_custome" in result.stderr
    assert "Did you mean “order_has_customer”?" in result.stderr

"""The keys of broken rows are collected while the first of them are mended already; a run that is stopped ends then."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

import pytest

from parents import HAS, prepare
from rows import wait_until
from servers import connect
from sessionaudit.backfill import row_repair as repairs
from sessionaudit.backfill.bulk import Bulk
from sessionaudit.backfill.journal.writing import Journal
from sessionaudit.backfill.pace import Pace
from sessionaudit.contract.loader import load
from sessionaudit.errors import DatabaseError
from sessionaudit.postgres.connection import connect as connect_safely
from sessionaudit.postgres.identity import identity

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

SLOW = HAS.replace("    has:", "    where: {it is taken: taken(p.id)}\n    has:")
# Collecting waits for a lock at the row that lies behind the first 12,000.
TAKEN = """create function taken(id int) returns boolean language plpgsql stable as $$
begin
  if id = 12001 and current_setting('transaction_read_only') = 'on' then
    perform pg_sleep(1000);
  end if;
  return true;
end $$"""
ASLEEP = """select pid from pg_stat_activity
where datname = current_database() and state = 'active' and wait_event = 'PgSleep'"""


@pytest.fixture
def bulk(database: str, tmp_path: Path) -> Iterator[Bulk]:
    prepare(database, tmp_path, TAKEN, "analyze", contract=SLOW, number=12_001)
    with connect_safely(database) as connection:
        contract = load(tmp_path / "c.yaml")
        loaded = repairs.load(connection, contract, contract.invariants[0])
        journal = Journal.open(tmp_path / "j", run="t", about=identity(connection))
        yield Bulk(lambda: connect_safely(database), loaded, journal, Pace(), "t")
        journal.close()


def asleep(url: str) -> list[int]:
    with connect(url) as connection:
        return [row[0] for row in connection.execute(ASLEEP)]


def begun(bulk: Bulk, url: str, told: list[BaseException]) -> threading.Thread:
    """Start a run, and wait until it has mended all that was collected and asks for more."""

    def run() -> None:
        try:
            bulk.run()
        except DatabaseError as error:
            told.append(error)

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    wait_until(lambda: bool(asleep(url)) and bulk.progress.made > 0)
    return thread


def test_a_run_that_is_stopped_does_not_wait_for_the_keys(database: str, bulk: Bulk) -> None:
    told: list[BaseException] = []
    thread = begun(bulk, database, told)
    bulk.stop.set()
    thread.join(timeout=30)
    assert (thread.is_alive(), told, asleep(database)) == (False, [], [])
    with connect(database) as connection:
        found = connection.execute("select count(*), count(distinct parent_id) from child").fetchone()
    assert found == (bulk.progress.made, bulk.progress.made)


def test_what_ends_the_collecting_ends_the_run(database: str, bulk: Bulk) -> None:
    told: list[BaseException] = []
    thread = begun(bulk, database, told)
    (process,) = asleep(database)
    with connect(database) as connection:
        connection.execute("select pg_terminate_backend(%s)", (process,))
    thread.join(timeout=30)
    assert not thread.is_alive()
    assert "collecting the keys" in str(told[0])

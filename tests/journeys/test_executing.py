"""Executing journeys: what is refused, told and asked before, and that nothing of it stays, whatever ends it."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import time
from typing import TYPE_CHECKING, Any

import pytest

from notes import MET, MINE, contract, rows
from pooler import running_pooler
from rows import process
from servers import connect
from sessionaudit.core.printed_commands import CALLING
from standby import standby_of

if TYPE_CHECKING:
    from pathlib import Path

    from calling import Calls

WRITES = {"as": MINE, "sql": "update notes set text = 'x' where id = :note.id", "expect": "1 row"}
TELLS = {"as": "journey_user", "sql": "insert into told default values", "expect": "1 row"}


def one_line(text: str) -> str:
    return " ".join(text.split())


def test_it_is_not_done_unasked(notes: str, call: Calls, tmp_path: Path) -> None:
    before = rows(notes)
    called = call("probe", "--execute", url=notes, contract=contract(tmp_path, {"writes": WRITES}))
    assert called.code == 2
    assert "Pass --yes to proceed without asking." in called.err
    assert rows(notes) == before


def test_what_it_touches_is_told(notes: str, call: Calls, tmp_path: Path) -> None:
    called = call(
        "probe", "--execute", "--yes", url=notes, contract=contract(tmp_path, {"writes": WRITES, "tells": TELLS})
    )
    assert called.code == 0, called.out + called.err
    said = one_line(called.err)
    assert "Executing changes rows of 2 tables (public.notes, public.told), and rolls everything back." in said
    assert "numbers of 2 sequences (public.notes_id_seq, public.told_id_seq): they move." in said
    assert "public.tells may NOTIFY; a rollback sends nothing." in said
    with connect(notes) as connection:
        assert connection.execute("select last_value, is_called from told_id_seq").fetchone() == (1, True)


def test_what_would_leave_the_server_is_refused(notes: str, call: Calls, tmp_path: Path) -> None:
    loud = {"as": "journey_user", "sql": "insert into loud values (1)", "expect": "1 row"}
    file = contract(tmp_path, {"loud": loud, "tells": TELLS}, {})
    called = call("probe", "--execute", "--yes", url=notes, contract=file)
    assert called.code == 2
    assert "the journeys cannot be executed here: they would run public.shouts; it calls dblink_exec" in one_line(
        called.err
    )
    with connect(notes) as connection:
        assert connection.execute("select is_called from told_id_seq").fetchone() == (False,)
    assert call("probe", url=notes, contract=file).code == 0


def test_through_a_pooler(notes: str, call: Calls, tmp_path: Path) -> None:
    file = contract(tmp_path, {"writes": WRITES})
    before = rows(notes)
    name = notes.rpartition("/")[2]
    with running_pooler(notes, size=1) as url:
        pooled = f"{url.rpartition('/')[0]}/{name}"
        for _ in range(2):
            called = call("probe", "--execute", "--yes", "-f", "json", url=pooled, contract=file)
            (journey,) = json.loads(called.out)["journeys"]
            assert [step["state"] for step in journey["steps"]] == [MET], called
        with connect(pooled) as connection:  # the pool's only connection
            left = "select current_setting('role'), current_setting('request.jwt.claims', true)"
            assert connection.execute(left).fetchone() in {("none", ""), ("none", None)}
    assert rows(notes) == before


def test_killed_half_way(notes: str, tmp_path: Path) -> None:
    slow = {"as": "journey_user", "sql": "select slow()", "expect": "1 row"}
    file = contract(tmp_path, {"writes": WRITES, "slow": slow})
    before = rows(notes)
    call = [sys.executable, "-m", "sessionaudit", "probe", "--execute", "--yes", "-c", str(file)]
    options: dict[str, Any] = process(notes, tmp_path, {})
    del options["capture_output"]
    running = subprocess.Popen(call, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, **options)
    mine = "from pg_stat_activity where datname = current_database() and query ~ 'slow' and pid <> pg_backend_pid()"
    with connect(notes) as connection:
        patience = time.monotonic() + 30
        while not connection.execute(f"select {mine} and state = 'active'".encode()).fetchall():
            assert time.monotonic() < patience
            assert running.poll() is None
            time.sleep(0.02)
        running.send_signal(signal.SIGKILL)
        running.wait()
        connection.execute(f"select pg_terminate_backend(pid) {mine}".encode())
        while connection.execute(f"select {mine}".encode()).fetchall():
            assert time.monotonic() < patience
            time.sleep(0.02)
    assert rows(notes) == before


def test_without_a_superuser(notes: str, call: Calls, tmp_path: Path) -> None:
    """What a role that is none cannot do is not looked at, and said with what would help."""
    with connect(notes) as connection:
        connection.execute("alter role journey_stranger login password 'none'")
        connection.execute("grant journey_user to journey_stranger")
    stranger = f"postgresql://journey_stranger:none@{notes.rpartition('@')[2]}"
    unknown = {"as": "journey_other", "sql": "select 1", "expect": "1 row"}
    foreign = {"as": "pg_monitor", "sql": "select 1", "expect": "1 row"}
    closed = {"sql": "select id from closed", "expect": "no rows"}
    file = contract(tmp_path, {"unknown": unknown, "foreign": foreign, "closed": closed, "writes": WRITES})
    called = call("probe", "--format", "json", url=stranger, contract=file)
    assert "journeys" in called.out, called.err
    (journey,) = json.loads(called.out)["journeys"]
    told = {step["name"]: (step["rule"] or step["state"], step["hint"]) for step in journey["given"] + journey["steps"]}
    assert told["unknown"] == ("SB061", None)
    assert told["foreign"] == ("not looked at", "grant pg_monitor to journey_stranger;")
    assert told["closed"] == ("not looked at", "Connect as a role that may, or name one with “as”.")
    assert told["writes"] == ("accepted", None)
    CALLING.forget()


@pytest.mark.thorough
def test_a_standby_explains_and_does_not_execute(call: Calls, tmp_path: Path) -> None:
    sql = "create role journey_user; create table notes (id int); grant insert on notes to journey_user"
    file = contract(
        tmp_path, {"adds": {"as": "journey_user", "sql": "insert into notes values (1)", "expect": "1 row"}}, {}
    )
    with standby_of(sql) as url:
        assert call("probe", url=url, contract=file).code == 0
        called = call("probe", "--execute", "--yes", url=url, contract=file)
    assert called.code == 2
    assert "this server is a standby" in called.err

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


LEAVING = "create function plain_hook() returns int language plpgsql as $$ begin {} return 1; end $$;"
# What a function does that a rollback does not take back, how the step reaches it, and what is said of it.
WAYS_OUT: dict[str, tuple[str, str, str, str]] = {
    "a sequence is set": ("perform setval('told_id_seq', 7);", "", "select plain_hook()", "it calls setval"),
    "a file is written": ("copy told to '/tmp/none';", "", "select plain_hook()", "it calls copy"),
    "a lock of the session": ("perform pg_advisory_lock(1);", "", "select plain_hook()", "it calls pg_advisory_lock"),
    "another session ends": ("perform pg_terminate_backend(1);", "", "select plain_hook()", "pg_terminate_backend"),
    "by a view": (
        "perform pg_reload_conf();",
        "create view hooked as select plain_hook() as n; grant select on hooked to journey_user",
        "select * from hooked",
        "it calls pg_reload_conf",
    ),
    "by a policy": (
        "perform pg_reload_conf();",
        "create table watched (id int); grant select on watched to journey_user; "
        "alter table watched enable row level security; create policy p on watched using (plain_hook() = 1)",
        "select * from watched",
        "it calls pg_reload_conf",
    ),
    "by an index": (
        "perform pg_reload_conf();",
        "alter function plain_hook() immutable; create function f(int) returns int immutable language sql as "
        "'select public.plain_hook()'; create table indexed (id int); create index on indexed (f(id)); "
        "grant insert on indexed to journey_user",
        "insert into indexed values (1)",
        "it calls pg_reload_conf",
    ),
    "by a name in quotes": (
        "perform pg_reload_conf();",
        "create function \"Send Hook\"() returns int language sql as 'select plain_hook()'",
        'select "Send Hook"()',
        "it calls pg_reload_conf",
    ),
    "by a body that is no text": (
        "perform pg_reload_conf();",
        "create function standard() returns int language sql return plain_hook()",
        "select standard()",
        "it calls pg_reload_conf",
    ),
    "in the step itself": ("", "", "select setval('told_id_seq', 7)", "the function setval has side effects"),
}


@pytest.mark.parametrize(("body", "more", "sql", "said"), WAYS_OUT.values(), ids=WAYS_OUT)
def test_what_no_rollback_takes_back_is_not_done(
    body: str, more: str, sql: str, said: str, notes: str, call: Calls, tmp_path: Path
) -> None:
    with connect(notes) as connection:
        if " return plain_hook()" in more and connection.info.server_version < 140000:
            pytest.skip("needs PostgreSQL 14: before, the body of each function is a text")
        connection.execute(LEAVING.format(body).encode())
        for one in filter(None, map(str.strip, more.split("; "))):
            connection.execute(one.encode())
    file = contract(tmp_path, {"leaves": {"as": "journey_user", "sql": sql, "expect": "1 row"}}, {})
    called = call("probe", "--execute", "--yes", url=notes, contract=file)
    assert (called.code, said in one_line(called.err)) == (2, True), called.err + called.out
    with connect(notes) as connection:
        assert connection.execute("select is_called from told_id_seq").fetchone() == (False,)


def test_what_only_looks_like_it_is_done(notes: str, call: Calls, tmp_path: Path) -> None:
    with connect(notes) as connection:
        connection.execute(
            "create function harmless() returns int language plpgsql as $$ -- copy it to 'x'\n"
            " declare copy int := 1; begin /* pg_reload_conf */ perform set_config('statement_timeout', '0', true);"
            " return copy; end $$"
        )
        connection.execute(
            "create function shouting(int, int) returns int language sql as 'select pg_reload_conf()::int'"
        )
        connection.execute("create operator ### (leftarg = int, rightarg = int, function = shouting)")
    step = {"as": "journey_user", "sql": "select harmless() as given", "expect": {"given": "1"}}
    later = {**step, "sql": "select current_setting('statement_timeout') <> '0' as given", "expect": {"given": "true"}}
    odd = {**step, "as": {"role": "journey_user", "claims": {"sub": ":"}}}
    steps = {"works": step, "later": later, "odd": odd}
    called = call("probe", "--execute", "--yes", url=notes, contract=contract(tmp_path, steps, {}))
    assert called.code == 0, called.err + called.out
    shouts = {"works": {**step, "sql": "select 1 ### 2 as given"}}
    called = call("probe", "--execute", "--yes", url=notes, contract=contract(tmp_path, shouts, {}))
    assert (called.code, "it calls pg_reload_conf" in one_line(called.err)) == (2, True), called.err


def test_a_sequence_of_no_table_is_told(notes: str, call: Calls, tmp_path: Path) -> None:
    with connect(notes) as connection:
        connection.execute("create sequence lonely")
        connection.execute("grant usage on sequence lonely to journey_user")
    steps = {"counts": {"as": "journey_user", "sql": "select nextval('lonely') as given", "expect": {"given": "1"}}}
    called = call("probe", "--execute", "--yes", url=notes, contract=contract(tmp_path, steps, {}))
    assert (called.code, "1 sequence (public.lonely): they move" in one_line(called.err)) == (0, True), called.err


def test_each_of_many_rows_is_compared(notes: str, call: Calls, tmp_path: Path) -> None:
    rows_ = [{"given": str(number)} for number in range(1, 102)] + [{"given": "999"}]
    steps = {
        "many": {"as": "journey_user", "sql": "select g as given from generate_series(1, 102) as g", "expect": rows_}
    }
    called = call("probe", "--execute", "--yes", "-f", "json", url=notes, contract=contract(tmp_path, steps, {}))
    assert [finding["code"] for finding in json.loads(called.out)["findings"]] == ["SB059"]


def test_values_are_compared_as_their_type_does(notes: str, call: Calls, tmp_path: Path) -> None:
    sql = """select 5.00::numeric(10, 2) as price, 'ab'::char(5) as code, '{"a": 1}'::json as data, row(1, 2) as pair,
                    current_setting('request.jwt.claims')::json ->> 'role' as claimed"""
    wanted = {"price": "5", "code": "ab", "data": '{"a":1}', "pair": "(1,2)", "claimed": "journey_user"}
    step = {"as": "journey_user", "sql": sql, "expect": wanted}
    file = contract(tmp_path, {"alike": step, "other": {**step, "expect": {**wanted, "price": "5.01"}}}, {})
    called = call("probe", "--execute", "--yes", "-f", "json", url=notes, contract=file)
    findings = json.loads(called.out)["findings"]
    assert [(finding["code"], finding["facet"]) for finding in findings] == [("SB059", "other")]


def test_what_a_value_decides_is_not_known_before_there_is_one(notes: str, call: Calls, tmp_path: Path) -> None:
    with connect(notes) as connection:
        connection.execute(
            "create function must(int) returns int immutable language plpgsql as $$"
            " begin if $1 is null then raise exception 'no null'; end if; return $1; end $$"
        )
    gives = {"as": "journey_user", "sql": "select 1 as number", "gives": "one", "expect": "1 row"}
    needs = {"as": "journey_user", "sql": "select must(:one) as given", "expect": {"given": "1"}}
    file = contract(tmp_path, {"gives": gives, "needs": needs}, {})
    explained = call("probe", "-f", "json", url=notes, contract=file)
    (journey,) = json.loads(explained.out)["journeys"]
    assert [step["state"] for step in journey["steps"]] == ["accepted", "not decided"]
    assert call("probe", "--execute", "--yes", url=notes, contract=file).code == 0


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


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGKILL])
def test_ended_half_way(notes: str, tmp_path: Path, number: signal.Signals) -> None:
    """Whoever waits for a statement can end it; the server ends it, too, if nobody is left who could (from 14 on)."""
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
        running.send_signal(number)
        assert running.wait(timeout=10) == (130 if number == signal.SIGINT else -number)
        if connection.info.server_version < 140000:
            connection.execute(f"select pg_terminate_backend(pid) {mine}".encode())
        while connection.execute(f"select {mine}".encode()).fetchall():
            assert time.monotonic() < patience
            time.sleep(0.02)
    assert rows(notes) == before


def test_the_first_schema_is_that_of_the_contract(notes: str, call: Calls, tmp_path: Path) -> None:
    steps = {"asks": {"as": "journey_user", "sql": "select current_schema() as given", "expect": {"given": "public"}}}
    called = call("probe", "--execute", "--yes", url=notes, contract=contract(tmp_path, steps, {}))
    assert called.code == 0, called.out + called.err


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

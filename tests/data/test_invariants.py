"""Invariants against real rows: counted, bounded, explained, and never clean where they could not be asked."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import psycopg
import pytest

from rows import AISHAS, CONTRACT, LENAS, STUCK, TOMS, findings, orphans, run
from servers import connect
from sessionaudit.audits import runner

if TYPE_CHECKING:
    from pathlib import Path

SMALL = """
create function nap(float) returns text language sql as 'select pg_catalog.pg_sleep($1)::text';
create table parent (id int primary key, created_at timestamptz not null default now() - interval '1 hour');
create table child (id int primary key, parent_id int);
insert into parent select generate_series(1, 9);
insert into child select n, n from generate_series(1, 6) n;
"""
DECLARED = """version: 1
tables:
  parent: {columns: {id: integer not null}}
  child: {columns: {parent_id: integer}}
invariants:
  parent_has_child:
    summary: Every parent has a child
    each: parent p
    has: child c
    on: c.parent_id = p.id
"""


@pytest.fixture
def small(database: str) -> str:
    with connect(database) as connection:
        connection.execute(SMALL.encode())
    return database


def contract(tmp_path: Path, text: str = DECLARED) -> Path:
    path = tmp_path / "contract.yaml"
    path.write_text(text, encoding="utf-8")
    return path


def ask(url: str, path: Path, **options: Any) -> runner.Report:
    return runner.run(url, path, runner.Options(only=("data",), **options))


def test_the_good_system_keeps_every_promise(good: str) -> None:
    assert findings(good) == {}


def test_the_rows_of_the_broken_system_are_found_once_its_schema_is_mended(mended: str) -> None:
    found = findings(mended)
    assert set(found) == {
        "request_has_session",
        "session_has_request",
        "session_has_participant",
        "pending_request_is_young",
    }
    missing = found["session_has_request"] or ""
    assert missing.startswith("3 rows: ")
    assert all(session in missing for session in (STUCK, TOMS, LENAS))
    assert AISHAS not in missing  # her request is there, it only lost its link
    assert found["session_has_participant"] == f"1 row: {TOMS}"


def test_a_waiting_customer_whose_only_request_is_cancelled_is_found(good: str) -> None:
    cancel = """update public.session_requests set status = 'cancelled' where metadata ->> 'session_id' = %s"""
    again = """insert into public.session_requests (customer_id, session_type, plan_code, metadata)
               select customer_id, session_type, plan_code, metadata from public.session_requests
               where metadata ->> 'session_id' = %s"""
    with connect(good) as connection:
        connection.execute(cancel.encode(), (STUCK,))
        assert findings(good) == {"waiting_session_has_live_request": f"1 row: {STUCK}"}
        connection.execute(again.encode(), (STUCK,))
    assert findings(good) == {}


def test_a_waiting_customer_without_any_request_is_found_once(good: str) -> None:
    with connect(good) as connection:
        connection.execute("delete from public.session_requests where metadata ->> 'session_id' = %s", (STUCK,))
    assert findings(good) == {"session_has_request": f"1 row: {STUCK}"}


def test_what_the_schema_does_not_let_run_is_skipped_with_its_finding(broken: str) -> None:
    report = runner.run(broken, CONTRACT, runner.Options())
    skipped = {one.what: one for one in report.skipped}
    assert "invariant session_has_request" in skipped
    assert (
        "The column metadata of public.session_requests does not exist"
        in skipped["invariant session_has_request"].reason
    )
    assert report.totals["invariant"] == 2
    result = run("check", "--only", "data", "--ignore", "orphaned-rows", "--format", "json", url=broken)
    assert result.returncode == 3
    assert len(json.loads(result.stdout)["skipped"]) == 7


def test_count_and_sample(small: str, tmp_path: Path) -> None:
    report = ask(small, contract(tmp_path))
    assert report.totals["invariant"] == 1
    orphaned, unindexed = report.findings
    assert (orphaned.rule.code, orphaned.actual, orphaned.location and orphaned.location.line) == (
        "SD001",
        "3 rows: 7, 8, 9",
        6,
    )
    assert unindexed.expected == 'create index concurrently on "public"."child" (parent_id)'


def test_the_index_that_a_note_names_ends_it(small: str, tmp_path: Path) -> None:
    path = contract(tmp_path)
    with connect(small) as connection:
        connection.execute((ask(small, path).findings[1].expected or "").encode())
    assert [finding.rule.code for finding in ask(small, path).findings] == ["SD001"]


def test_more_keys_than_are_shown(small: str, tmp_path: Path) -> None:
    with connect(small) as connection:
        connection.execute("insert into parent select generate_series(10, 2000)")
    actual = ask(small, contract(tmp_path)).findings[0].actual or ""
    assert actual.startswith("1,994 rows: ")
    assert actual.endswith(", …")
    assert actual.count(",") == 6


def test_a_percent_sign_and_a_comment_stand_as_they_are(small: str, tmp_path: Path) -> None:
    text = DECLARED.replace("p.id\n", "p.id -- 100 %\n").replace("on: ", "on: >-\n      ")
    text += "    where: p.id::text like '%7%' -- only\n"
    assert ask(small, contract(tmp_path, text)).findings[0].actual == "1 row: 7"


def test_a_key_of_two_columns_is_shown_as_a_row(small: str, tmp_path: Path) -> None:
    with connect(small) as connection:
        connection.execute(
            "alter table parent drop constraint parent_pkey; alter table parent add primary key (id, created_at)"
        )
        connection.execute("update parent set created_at = '2026-01-01 00:00+00'; set timezone to 'UTC'")
    actual = ask(small, contract(tmp_path)).findings[0].actual or ""
    assert actual.startswith('3 rows: (7,"2026-01-01')


def test_young_rows_are_left_alone(small: str, tmp_path: Path) -> None:
    path = contract(tmp_path, DECLARED + "    older_than: 2 hours\n")
    assert [finding.rule.code for finding in ask(small, path).findings] == ["SD003"]


@pytest.mark.parametrize(
    ("old", "new", "place"),
    [
        ("c.parent_id = p.id", "c.parent_id = p.idd", "10:23"),
        ("c.parent_id = p.id", "c.parent_id == p.id", "10:21"),
        ("c.parent_id = p.id", "c.parent_id = = p.id", "10:23"),
        ("each: parent p", "each: parnt p", "8:11"),
        ("has: child c", "has: nothing.child c", "9:10"),
        ("each: parent p", "each: parent p\n    where: upperr('x') = 'X'", "9:12"),
    ],
)
def test_sql_that_cannot_be_run_is_named_with_its_place(
    small: str, tmp_path: Path, old: str, new: str, place: str
) -> None:
    other = "\n  other: {summary: It has a number, of: parent, violations: select id from parent where id is null}\n"
    report = ask(small, contract(tmp_path, DECLARED.replace(old, new).rstrip() + other))
    (found,) = report.findings
    assert (found.rule.code, str(found.ref), report.totals["invariant"]) == ("SA004", "invariant parent_has_child", 1)
    location = found.location
    assert location is not None
    assert f"{location.line}:{location.column}" == place


def test_a_query_of_violations(small: str, tmp_path: Path) -> None:
    text = DECLARED.split("invariants:", maxsplit=1)[0] + (
        "invariants:\n  odd:\n    summary: No parent is odd\n    severity: note\n    of: parent\n"
        "    violations: select id from parent where id % 2 = 1\n"
    )
    (found,) = ask(small, contract(tmp_path, text)).findings
    assert (found.rule.code, str(found.severity)) == ("SD002", "note")
    assert (found.actual or "").startswith("5 rows: ")


def test_a_count_that_takes_too_long_is_skipped(small: str, tmp_path: Path) -> None:
    text = DECLARED + "    where: (select true from nap(20))\n"
    report = ask(small, contract(tmp_path, text), data_timeout=0.2)
    assert not report.findings
    assert report.totals["invariant"] == 0
    assert "took too long" in report.skipped[0].reason


def test_a_locked_table_is_skipped_soon(small: str, tmp_path: Path) -> None:
    with psycopg.connect(small) as other:
        other.execute("lock table child in access exclusive mode")
        report = ask(small, contract(tmp_path), data_timeout=20)
    assert "lock" in report.skipped[0].reason


@pytest.mark.parametrize("grant", ["nothing", "rows"])
def test_a_role_that_sees_less_than_all_rows_is_refused_and_never_clean(
    small: str, tmp_path: Path, grant: str, server: Any
) -> None:
    with connect(small) as connection:
        connection.execute(
            "do $$ begin create role row_reader login; exception when duplicate_object then null; end $$"
        )
        connection.execute("alter role row_reader password 'x'")
        if grant == "rows":
            connection.execute("grant select on parent, child to row_reader")
            connection.execute("alter table parent enable row level security")  # no policy: it would see nothing
    url = psycopg.conninfo.make_conninfo(small, user="row_reader", password="x")
    report = ask(url, contract(tmp_path))
    assert not report.findings
    assert "may not read all" in report.skipped[0].reason


def test_a_name_in_a_schema_that_is_closed_to_the_role_is_no_slip_of_the_contract(
    database: str, tmp_path: Path, server: Any
) -> None:
    """PostgreSQL says “does not exist” of a name without a schema where the role lacks USAGE on it."""
    with connect(database) as connection:
        connection.execute(
            "do $$ begin create role row_reader login; exception when duplicate_object then null; end $$"
        )
        connection.execute("alter role row_reader password 'x'")
        connection.execute("create schema shop")
        connection.execute("create table shop.parent (id int primary key)")
    text = """version: 1
schema: shop
tables:
  parent: {}
invariants:
  parents_are_positive:
    summary: Every parent is positive
    of: parent
    violations: select id from parent where id < 0
"""
    url = psycopg.conninfo.make_conninfo(database, user="row_reader", password="x")
    report = ask(url, contract(tmp_path, text))
    assert not report.findings
    assert "permission denied for schema shop" in report.skipped[0].reason
    assert "USAGE on the schema shop" in report.skipped[0].hint
    with connect(database) as connection:
        connection.execute("grant usage on schema shop to row_reader")
    report = ask(url, contract(tmp_path, text.replace("from parent", "from parnet")))  # and a slip stays one
    assert [finding.rule.name for finding in report.findings] == ["refused-contract"]


def test_only_tells_data_from_schema(mended: str) -> None:
    def rules(*words: str) -> set[str]:
        report = runner.run(mended, CONTRACT, runner.Options(only=words))
        return {finding.rule.name for finding in report.findings}

    with connect(mended) as connection:
        connection.execute("drop index public.session_requests_status_idx")
    assert rules("schema") == {"missing-index"}
    assert rules("data") == {"orphaned-rows", "broken-invariant"}
    assert rules("session_has_*") == {"orphaned-rows"}
    assert rules("data", "missing-index") == {"orphaned-rows", "broken-invariant", "missing-index"}
    report = runner.run(mended, CONTRACT, runner.Options(only=("session_has_participant",)))
    assert (report.totals["invariant"], report.totals["object"]) == (1, 0)


def test_a_severity_of_the_rules_and_a_waiver_hold_for_invariants(small: str, tmp_path: Path) -> None:
    text = DECLARED + (
        "rules: {missing-invariant-index: ignore}\n"
        "waivers:\n  - {rule: orphaned-rows, object: parent_has_child, reason: known, until: '2099-01-01'}\n"
    )
    report = ask(small, contract(tmp_path, text))
    assert not report.findings
    assert len(report.waived) == 1


def test_json_counts_invariants_and_explain_shows_plans(good: str) -> None:
    result = run("check", "--format", "json", "--explain", url=good)
    told = json.loads(result.stdout)
    assert result.returncode == 0
    assert told["checked"]["invariants"] == 9
    assert "Anti Join" in told["plans"]["session_has_request"]
    assert "plans" not in json.loads(run("check", "--format", "json", url=good).stdout)


def test_a_contract_without_invariants_asks_nothing_more(
    good: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = CONTRACT.read_text(encoding="utf-8")
    path = contract(tmp_path, text[: text.index("# What no constraint can hold")])
    asked: list[str] = []
    plain = psycopg.Connection.execute

    def counted(self: Any, *arguments: Any, **options: Any) -> Any:
        asked.append(str(arguments[0]))
        return plain(self, *arguments, **options)

    monkeypatch.setattr(psycopg.Connection, "execute", counted)
    runner.run(good, path, runner.Options(without=("behaviour",)))
    without = len(asked)
    asked.clear()
    runner.run(good, CONTRACT, runner.Options(without=("data", "behaviour")))
    assert len(asked) == without
    asked.clear()
    runner.run(good, CONTRACT, runner.Options(without=("behaviour",)))
    assert len(asked) > without


def test_a_million_rows_are_planned_as_a_join_of_whole_tables_or_by_index(good: str) -> None:
    orphans(good, 20_000)
    with connect(good) as connection:
        connection.execute("analyze")
    report = runner.run(good, CONTRACT, runner.Options(only=("session_has_request",), explain=True))
    plan = report.plans["session_has_request"]
    assert "Anti Join" in plan
    assert "SubPlan" not in plan
    assert (report.findings[0].actual or "").startswith("20,000 rows")


def test_ctrl_c_ends_a_count(small: str, tmp_path: Path) -> None:
    import signal
    import time

    from rows import start, wait_until

    path = contract(tmp_path, DECLARED + "    where: (select true from nap(60))\n")
    process = start("check", "-c", str(path), url=small)

    def counting() -> bool:
        with connect(small) as connection:
            row = connection.execute("select count(*) from pg_stat_activity where wait_event = 'PgSleep'").fetchone()
            return row == (1,)

    wait_until(counting)
    began = time.monotonic()
    process.send_signal(signal.SIGINT)
    process.communicate(timeout=20)
    assert process.returncode == 130
    assert time.monotonic() - began < 5

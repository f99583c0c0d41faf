"""`backfill --all` and `undo`: batches, journals, kills, pauses, and the state before."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import time
from typing import TYPE_CHECKING, Any

import pytest

from rows import STUCK, command, findings, image, orphans, process, run, start, wait_until
from servers import connect

if TYPE_CHECKING:
    from pathlib import Path

    from program import Process

LINK = "metadata ->> 'session_id'"
ALL = ("backfill", "--all", "--yes", "--invariant", "session_has_request")


def count(url: str) -> tuple[int, int]:
    """How many of the orphans have requests, and how many requests they have."""
    with connect(url) as connection:
        row = connection.execute(
            f"""select count(distinct s.id), count(*) from public.sessions s
                join public.session_requests r on r.{LINK} = s.id::text
                where s.stripe_session_id like 'o\\_%'""".encode()
        ).fetchone()
    assert row is not None
    return row[0], row[1]


def lines(journal: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in journal.read_text(encoding="utf-8").splitlines()]


def kill(process: Process, how: signal.Signals) -> tuple[str, str]:
    process.send_signal(how)
    return process.communicate(timeout=30)


@pytest.mark.parametrize("jobs", ["1", "3"])
def test_all_are_mended_once_and_the_journal_tells_each(mended: str, tmp_path: Path, jobs: str) -> None:
    orphans(mended, 3000)
    journal = tmp_path / "j.jsonl"
    result = run(*ALL, "--jobs", jobs, "--journal", str(journal), "--format", "json", url=mended)
    assert result.returncode == 0, result.stderr
    (told,) = json.loads(result.stdout)["invariants"]
    assert (told["made"], told["left"], told["failures"]) == (3003, 0, [])
    assert count(mended) == (3000, 3000)
    records = lines(journal)
    made = [
        row[0] for record in records if record["event"] == "batch" for group in record["made"] for row in group["rows"]
    ]
    with connect(mended) as connection:
        there = {
            str(row[0])
            for row in connection.execute("select id from public.session_requests where metadata ? 'backfill'")
        }
        batches = connection.execute(
            "select distinct metadata -> 'backfill' ->> 'id' from public.session_requests where metadata ? 'backfill'"
        )
        assert batches.fetchall() == [(records[0]["run"],)]
    assert sorted(made) == sorted(there)
    assert sum(record["event"] == "done" for record in records) == sum(record["event"] == "batch" for record in records)
    assert "It holds now" in result.stderr


def test_everything_that_can_be_mended_is_and_the_rest_is_named(mended: str, tmp_path: Path) -> None:
    result = run("backfill", "--all", "--yes", url=mended, XDG_STATE_HOME=str(tmp_path))
    assert result.returncode == 1
    assert set(findings(mended)) == {"request_has_session", "pending_request_is_young"}
    (journal,) = (tmp_path / "sessionaudit").iterdir()
    ending = result.stderr.partition(f"Journal: {journal}. To undo: `sessionaudit undo {journal}`.\n")[2].splitlines()
    listing = "sessionaudit backfill --list --invariant request_has_session"
    assert ending[:2] == ["Next: sessionaudit check", f"A person must decide on rows of request_has_session: {listing}"]
    assert ending[3:6] == ["waivers:", "  - rule: orphaned-rows", "    object: request_has_session"]


def test_undo_brings_back_exactly_the_state_before(mended: str, tmp_path: Path) -> None:
    orphans(mended, 500)
    before = image(mended, without=("updated_at",))  # the tables' own triggers move that
    journal = tmp_path / "j.jsonl"
    run("backfill", "--all", "--yes", "--journal", str(journal), url=mended)
    assert image(mended, without=("updated_at",)) != before
    result = run("undo", str(journal), "--yes", url=mended)
    assert result.returncode == 0, result.stderr
    assert image(mended, without=("updated_at",)) == before
    again = run("undo", str(journal), "--yes", url=mended)
    assert (again.returncode, image(mended, without=("updated_at",))) == (0, before)


def test_undo_of_new_rows_alone_leaves_no_trace_at_all(mended: str, tmp_path: Path) -> None:
    orphans(mended, 200)
    before = image(mended)
    journal = tmp_path / "j.jsonl"
    run(*ALL, "--journal", str(journal), url=mended)
    run("undo", str(journal), "--yes", url=mended)
    assert image(mended) == before


def test_undo_refuses_what_was_changed_since(mended: str, tmp_path: Path) -> None:
    journal = tmp_path / "j.jsonl"
    run(*ALL, "--journal", str(journal), url=mended)
    with connect(mended) as connection:
        connection.execute(f"update public.session_requests set notes = notes where {LINK} = %s".encode(), (STUCK,))
        changed = connection.execute(
            f"select id::text from public.session_requests where {LINK} = %s".encode(), (STUCK,)
        )
        (request,) = changed.fetchone() or ("",)
    result = run("undo", str(journal), "--yes", url=mended)
    assert result.returncode == 1
    assert f"{request} has been changed since" in result.stdout
    assert "2 rows deleted, 0 restored, 0 re-inserted, 0 gone already, 1 refused" in result.stdout
    with connect(mended) as connection:
        left = connection.execute("select id::text from public.session_requests where metadata ? 'backfill'").fetchall()
    assert left == [(request,)]


@pytest.mark.parametrize("seed", [0, *(pytest.param(seed, marks=pytest.mark.slow) for seed in range(1, 4))])
def test_killed_at_any_moment_and_gone_on_with(mended: str, tmp_path: Path, seed: int) -> None:
    orphans(mended, 6000)
    before = image(mended)
    journal = tmp_path / "j.jsonl"
    slow = ("--target", "0.005", "--jobs", str(1 + seed % 2))
    for _ in range(3):
        process = start(*ALL, *slow, "--journal", str(journal), url=mended)
        wait_until(lambda: journal.exists() and b'"done"' in journal.read_bytes())
        time.sleep(0.07 * seed + 0.05)
        kill(process, signal.SIGKILL)
    wait_until(lambda: idle(mended))
    assert 0 < count(mended)[0] < 6000
    result = run(*ALL, "--journal", str(journal), url=mended)
    assert result.returncode == 0, result.stderr
    assert "Resuming " in result.stderr
    assert count(mended) == (6000, 6000)
    undone = run("undo", str(journal), "--yes", url=mended)
    assert undone.returncode == 0, undone.stderr
    assert "0 refused" in undone.stdout
    assert image(mended) == before


def idle(url: str) -> bool:
    with connect(url) as connection:
        row = connection.execute(
            """select count(*) from pg_stat_activity
               where application_name = 'sessionaudit' and datname = current_database()"""
        ).fetchone()
    return row == (0,)


def test_a_batch_in_doubt_is_settled_by_what_became_of_its_transaction(mended: str, tmp_path: Path) -> None:
    journal = tmp_path / "j.jsonl"
    run(*ALL, "--journal", str(journal), url=mended)
    records = [record for record in lines(journal) if record["event"] != "done"]
    batch = next(record for record in records if record["event"] == "batch")
    with connect(mended) as connection:
        connection.execute("begin")
        row = connection.execute("select pg_current_xact_id()::text::bigint").fetchone()
        connection.execute("rollback")
    assert row is not None
    never = {**batch, "number": 99, "transaction": row[0]}
    text = "".join(json.dumps(record, separators=(",", ":")) + "\n" for record in [*records, never])
    journal.write_text(text + '{"event":"batch","number":100,"tr', encoding="utf-8")  # killed in the middle of a line
    result = run("undo", str(journal), "--yes", url=mended)
    assert result.returncode == 0, result.stderr
    assert "3 rows deleted" in result.stdout
    assert '{"event":"lost","number":99}' in journal.read_text(encoding="utf-8").splitlines()


def test_ctrl_c_ends_after_the_batch(mended: str, tmp_path: Path) -> None:
    orphans(mended, 6000)
    journal = tmp_path / "j.jsonl"
    process = start(*ALL, "--target", "0.005", "--journal", str(journal), url=mended)
    wait_until(lambda: journal.exists() and b'"done"' in journal.read_bytes())
    _, errors = kill(process, signal.SIGINT)
    assert process.returncode == 130, errors
    assert "Stopping after this batch" in errors
    made, requests = count(mended)
    assert made == requests
    records = lines(journal)
    assert sum(record["event"] == "done" for record in records) == sum(record["event"] == "batch" for record in records)
    assert run(*ALL, "--journal", str(journal), url=mended).returncode == 0
    assert count(mended) == (6000, 6000)


def test_a_pause_file_holds_it(mended: str, tmp_path: Path) -> None:
    orphans(mended, 10)
    hold = tmp_path / "hold"
    hold.touch()
    process = start(*ALL, "--pause-file", str(hold), "--journal", str(tmp_path / "j"), url=mended)
    time.sleep(2)
    assert process.poll() is None
    assert count(mended) == (0, 0)
    hold.unlink()
    _, errors = process.communicate(timeout=30)
    assert process.returncode == 0, errors
    assert count(mended) == (10, 10)


def test_without_replicas_nothing_lags(mended: str, tmp_path: Path) -> None:
    orphans(mended, 10)
    assert run(*ALL, "--max-lag", "1", url=mended, cwd=tmp_path).returncode == 0


def test_since_and_limit(mended: str, tmp_path: Path) -> None:
    orphans(mended, 30, age="2 days")
    orphans(mended, 20, age="1 hour")
    result = run(*ALL, "--since", "yesterday", url=mended, cwd=tmp_path)
    assert (result.returncode, count(mended)) == (0, (20, 20))
    assert run(*ALL, "--limit", "7", url=mended, cwd=tmp_path).returncode == 0
    assert count(mended)[0] <= 27
    assert run(*ALL, "--since", "no time", url=mended, cwd=tmp_path).returncode in {2, 3}


def test_nobody_to_ask_nothing_done(mended: str, tmp_path: Path) -> None:
    before = image(mended)
    result = run("backfill", "--all", url=mended, cwd=tmp_path)
    assert (result.returncode, "--yes" in result.stderr) == (2, True)
    result = run("backfill", "--all", "--dry-run", url=mended, cwd=tmp_path)
    assert "would be created" in result.stdout
    assert image(mended) == before
    assert not list(tmp_path.iterdir())


def test_what_is_whole_needs_nothing(good: str, tmp_path: Path) -> None:
    result = run("backfill", "--all", url=good, cwd=tmp_path)
    assert (result.returncode, "No row is broken" in result.stderr) == (0, True)
    assert not list(tmp_path.iterdir())


def test_a_row_that_cannot_be_mended_does_not_hold_up_the_others(mended: str, tmp_path: Path) -> None:
    orphans(mended, 700)
    with connect(mended) as connection:
        connection.execute(
            "alter table public.session_requests add constraint no_13 check (customer_name <> 'Customer 13')"
        )
    result = run(*ALL, url=mended, cwd=tmp_path)
    assert result.returncode == 1
    assert count(mended) == (699, 699)
    assert "no_13" in result.stderr


def test_rows_that_others_hold_are_mended_when_they_are_free(mended: str, tmp_path: Path) -> None:
    orphans(mended, 300)
    with connect(mended) as other:
        other.execute("begin")
        other.execute("select from public.sessions where id = %s for update", (STUCK,))
        process = start(*ALL, "--journal", str(tmp_path / "j"), url=mended)
        wait_until(lambda: count(mended) == (300, 300))
        other.execute("rollback")
        _, errors = process.communicate(timeout=30)
    assert process.returncode == 0, errors


@pytest.mark.parametrize("text", ["", "no json\n", '{"event":"batch"}\n'])
def test_a_file_that_is_no_journal(mended: str, tmp_path: Path, text: str) -> None:
    path = tmp_path / "j"
    path.write_text(text, encoding="utf-8")
    assert run("undo", str(path), "--yes", url=mended).returncode == 2
    if text:
        assert run(*ALL, "--journal", str(path), url=mended).returncode == 2


def test_a_journal_of_another_database_is_refused(mended: str, good: str, tmp_path: Path) -> None:
    path = tmp_path / "j"
    run(*ALL, "--journal", str(path), url=mended)
    result = run("undo", str(path), "--yes", url=good)
    assert (result.returncode, "another database" in result.stderr) == (2, True)


@pytest.mark.thorough
def test_the_clients_memory_is_flat(mended: str, tmp_path: Path) -> None:
    if not hasattr(os, "wait4"):
        pytest.skip("asks the system what a process took")
    peaks: list[int] = []
    for number in (2_000, 20_000):
        orphans(mended, number)
        call = command(*ALL, "--journal", str(tmp_path / f"j{number}"))
        options = process(mended, tmp_path, {})
        running = subprocess.Popen(call, env=options["env"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        _, status, usage = os.wait4(running.pid, 0)
        running.returncode = os.waitstatus_to_exitcode(status)
        assert running.returncode == 0
        peaks.append(usage.ru_maxrss)
    assert peaks[1] < peaks[0] + 12 * 1024

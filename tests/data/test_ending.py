"""What a run must have in hand when it ends, is cut off, or goes on: others at work, the journal, the server."""

from __future__ import annotations

import json
import signal
import stat
import threading
import time
from typing import TYPE_CHECKING, Any

import psycopg
import pytest

from rows import STUCK, TOMS, image, loaded, orphans, run, start, wait_until
from servers import connect
from sessionaudit.backfill import bulk, give_way
from sessionaudit.backfill.by_id import Backfill, Patience
from sessionaudit.backfill.journal.writing import Journal
from sessionaudit.backfill.pace import Pace
from sessionaudit.backfill.row_outcome import RowOutcome, RowState
from sessionaudit.postgres.connection import connect as connect_safely
from sessionaudit.postgres.identity import identity

if TYPE_CHECKING:
    from pathlib import Path

    from sessionaudit.contract.model import Contract

LINK = "metadata ->> 'session_id'"
ALL = ("backfill", "--all", "--yes", "--invariant", "session_has_request")
INSERT = """insert into public.session_requests (customer_id, session_type, plan_code, metadata)
            select customer_user_id, type, plan, jsonb_build_object('session_id', id) from public.sessions where id = %s
            returning id::text"""


def requests(url: str, session: str) -> list[str]:
    with connect(url) as connection:
        asked = f"select id::text from public.session_requests where {LINK} = %s"
        return [row[0] for row in connection.execute(asked.encode(), (session,))]


def doubles(url: str) -> list[Any]:
    with connect(url) as connection:
        asked = f"select {LINK} from public.session_requests where {LINK} is not null group by 1 having count(*) > 1"
        return connection.execute(asked.encode()).fetchall()


def first_orphan(url: str) -> str:
    """The session that is mended first."""
    with connect(url) as connection:
        row = connection.execute(
            "select id::text from public.sessions where stripe_session_id like 'o\\_%' order by ctid limit 1"
        ).fetchone()
    assert row is not None
    return str(row[0])


def mended_some(journal: Path) -> bool:
    return journal.exists() and b'"done"' in journal.read_bytes()


def lines(journal: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in journal.read_text(encoding="utf-8").splitlines()]


def rewrite(journal: Path, records: list[dict[str, Any]]) -> None:
    text = "".join(json.dumps(record, separators=(",", ":")) + "\n" for record in records)
    journal.write_text(text, encoding="utf-8")


def end_ours(url: str) -> None:
    """What an administrator or a failover does to connections."""
    with connect(url) as connection:
        connection.execute(
            """select pg_terminate_backend(pid) from pg_stat_activity
               where application_name = 'sessionaudit' and datname = current_database()"""
        )


# The application at the same moment


def test_after_a_kill_we_give_way_to_what_came_about_before_it(mended: str, tmp_path: Path) -> None:
    """The application's transaction is older than the run that goes on: only the journal knows since when to look."""
    orphans(mended, 6000)
    journal = tmp_path / "j.jsonl"
    with psycopg.connect(mended) as application:
        application.execute(INSERT.replace("where id = %s", "where stripe_session_id like 'o\\_%'").encode())
        process = start(*ALL, "--target", "0.005", "--journal", str(journal), url=mended)
        wait_until(lambda: mended_some(journal))
        process.send_signal(signal.SIGKILL)
        process.communicate(timeout=30)
    assert process.returncode == -signal.SIGKILL
    assert doubles(mended)
    result = run(*ALL, "--journal", str(journal), url=mended)
    assert result.returncode == 0, result.stderr
    assert "It holds now" in result.stderr
    assert doubles(mended) == []
    with connect(mended) as connection:
        ours = connection.execute("select count(*) from public.session_requests where metadata ? 'backfill'").fetchone()
    assert ours == (3,)  # the demo's own, for which the application does nothing


def test_what_was_looked_at_once_is_not_looked_at_again(mended: str, tmp_path: Path) -> None:
    """A second request of later is the application's business, not that of a run that goes on with an old journal."""
    journal = tmp_path / "j.jsonl"
    assert run(*ALL, "--journal", str(journal), url=mended).returncode == 0
    with connect(mended) as application:
        application.execute(INSERT, (STUCK,))
    assert run(*ALL, "--journal", str(journal), url=mended).returncode == 0
    assert len(requests(mended, STUCK)) == 2


def mend_while(url: str, contract: Contract, patience: Patience, seconds: float) -> tuple[RowOutcome, str]:
    """Mend the stuck session while the application's request is not committed yet; the outcome and that request."""
    found: list[RowOutcome] = []
    with psycopg.connect(url) as application, connect_safely(url) as connection:
        theirs = application.execute(INSERT, (STUCK,)).fetchone()
        filling = Backfill(connection, loaded(connection, contract, "session_has_request"), "t", patience=patience)
        thread = threading.Thread(target=lambda: found.extend(filling.run([STUCK])))
        thread.start()
        time.sleep(seconds)
        application.commit()
        thread.join()
    return found[0], str(theirs[0]) if theirs else ""


def test_one_waits_for_a_request_that_is_not_committed_yet(mended: str, contract: Contract) -> None:
    outcome, theirs = mend_while(mended, contract, Patience(), 0.7)
    assert (outcome.state, outcome.there and outcome.there.row) == (RowState.ALREADY, theirs)
    assert requests(mended, STUCK) == [theirs]


def test_one_that_is_waited_for_in_vain_is_told(mended: str, contract: Contract) -> None:
    outcome, _ = mend_while(mended, contract, Patience(writers=0.2), 1)
    assert outcome.state is RowState.UNPROVEN
    assert not outcome.state.fine
    assert "public.session_requests is still open" in outcome.reason


def test_all_wait_for_a_request_that_is_not_committed_yet(mended: str, tmp_path: Path) -> None:
    orphans(mended, 100)
    session, journal = first_orphan(mended), tmp_path / "j.jsonl"
    with psycopg.connect(mended) as application:
        theirs = application.execute(INSERT, (session,)).fetchone()
        process = start(*ALL, "--journal", str(journal), url=mended)
        wait_until(lambda: mended_some(journal))
        time.sleep(0.5)
        application.commit()
    _, errors = process.communicate(timeout=30)
    assert process.returncode == 0, errors
    assert (requests(mended, session), doubles(mended)) == ([theirs[0] if theirs else ""], [])


def test_all_say_whom_they_waited_for_in_vain_and_look_again_when_they_go_on(
    mended: str, contract: Contract, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(give_way, "PATIENCE", 0.2)
    path = tmp_path / "j.jsonl"
    with psycopg.connect(mended) as application, connect_safely(mended) as connection:
        application.execute(INSERT, (STUCK,))
        journal = Journal.open(path, run="r", about=identity(connection))
        repair = loaded(connection, contract, "session_has_request")
        progress = bulk.Bulk(bulk.connecting(mended), repair, journal, Pace(), "r").run()
        journal.close()
    assert "public.session_requests is still open" in progress.unproven
    assert len(requests(mended, STUCK)) == 2
    assert run(*ALL, "--journal", str(path), url=mended).returncode == 0
    assert len(requests(mended, STUCK)) == 1


# The server goes away


def test_ids_that_were_mended_before_the_connection_was_lost_are_told(mended: str) -> None:
    with psycopg.connect(mended) as other:
        other.execute("select from public.sessions where id = %s for update", (TOMS,))
        process = start("backfill", "--format", "json", STUCK, TOMS, url=mended)
        wait_until(lambda: bool(requests(mended, STUCK)))
        time.sleep(0.3)
        end_ours(mended)
        out, errors = process.communicate(timeout=30)
    assert process.returncode == 3
    (told,) = json.loads(out)["results"]
    assert (told["state"], told["made"][0]["id"]) == ("created", requests(mended, STUCK)[0])
    assert "Nothing was changed" not in errors
    assert "first 1 of 2 ids are committed" in errors


def test_batches_that_were_committed_before_the_connection_was_lost_are_told(mended: str, tmp_path: Path) -> None:
    orphans(mended, 6000)
    journal = tmp_path / "j.jsonl"
    process = start(*ALL, "--target", "0.005", "--journal", str(journal), "--format", "json", url=mended)
    wait_until(lambda: mended_some(journal))
    end_ours(mended)
    out, errors = process.communicate(timeout=30)
    assert process.returncode == 3, errors
    (told,) = json.loads(out)["invariants"]
    assert told["made"] > 0
    assert told["left"] is None
    assert "Nothing was changed" not in errors
    assert f"--journal {journal}" in errors
    assert f"undo {journal}" in errors


# The journal


@pytest.fixture
def unindexed(mended: str) -> str:
    """Without an index by customer, so that what is superseded is retired at the end, by the journal."""
    with connect(mended) as connection:
        found = connection.execute(
            """select indexrelid::regclass::text from pg_index
               where indrelid = 'public.session_requests'::regclass and not indisprimary
               and pg_get_indexdef(indexrelid) like '%customer_id%'"""
        ).fetchall()
        for (index,) in found:
            connection.execute(f"drop index {index}".encode())
    return mended


def test_who_lost_the_new_request_again_keeps_the_older_one(unindexed: str, tmp_path: Path) -> None:
    journal = tmp_path / "j.jsonl"
    with connect(unindexed) as connection:
        connection.execute(
            """insert into public.session_requests (customer_id, session_type, plan_code, metadata, created_at, notes)
               select customer_user_id, type, plan, '{"session_id": "x"}', created_at - interval '1 day', 'older'
               from public.sessions where id = %s""",
            (STUCK,),
        )

    def older() -> str:
        with connect(unindexed) as connection:
            row = connection.execute("select status::text from public.session_requests where notes = 'older'")
            return str((row.fetchone() or ("",))[0])

    assert run(*ALL, "--journal", str(journal), url=unindexed).returncode == 0
    assert older() == "cancelled"
    assert any(record["event"] == "retired" for record in lines(journal))
    assert run("undo", str(journal), "--yes", url=unindexed).returncode == 0
    assert older() == "pending"
    with connect(unindexed) as connection:
        connection.execute("update public.sessions set status = 'completed' where id = %s", (STUCK,))
    assert run(*ALL, "--journal", str(journal), url=unindexed).returncode == 0
    assert (requests(unindexed, STUCK), older()) == ([], "pending")


def test_what_was_retired_once_is_not_retired_again(unindexed: str, tmp_path: Path) -> None:
    journal = tmp_path / "j.jsonl"
    assert run(*ALL, "--journal", str(journal), url=unindexed).returncode == 0
    with connect(unindexed) as connection:
        connection.execute(
            """insert into public.session_requests (customer_id, session_type, plan_code, metadata, created_at, notes)
               select customer_user_id, type, plan, '{"session_id": "x"}', created_at - interval '1 day', 'led back'
               from public.sessions where id = %s""",
            (STUCK,),
        )
    assert run(*ALL, "--journal", str(journal), url=unindexed).returncode == 0
    with connect(unindexed) as connection:
        row = connection.execute("select status::text from public.session_requests where notes = 'led back'").fetchone()
    assert row == ("pending",)


def test_what_was_retired_when_a_run_was_killed_is_not_retired_again(unindexed: str, tmp_path: Path) -> None:
    """Killed after the commit, and before it could say so."""
    journal = tmp_path / "j.jsonl"
    older = """insert into public.session_requests
                 (customer_id, session_type, plan_code, metadata, created_at, notes)
               select customer_user_id, type, plan, '{"session_id": "x"}', created_at - interval '1 day', 'older'
               from public.sessions where id = %s"""
    with connect(unindexed) as connection:
        connection.execute(older, (STUCK,))
        assert run(*ALL, "--journal", str(journal), url=unindexed).returncode == 0
        records = lines(journal)
        said = [place for place, one in enumerate(records) if one["event"] == "retired" and "transaction" in one]
        rewrite(journal, records[: said[-1] + 1])
        connection.execute("update public.session_requests set status = 'pending' where notes = 'older'")
        assert run(*ALL, "--journal", str(journal), url=unindexed).returncode == 0
        found = connection.execute("select status::text from public.session_requests where notes = 'older'").fetchone()
    assert found == ("pending",)


@pytest.mark.parametrize("word", ["system", "oid"])
def test_a_journal_of_another_server_is_refused(mended: str, tmp_path: Path, word: str) -> None:
    journal = tmp_path / "j.jsonl"
    run(*ALL, "--journal", str(journal), url=mended)
    head, *others = lines(journal)
    rewrite(journal, [{**head, word: "1"}, *others])
    before = image(mended)
    for arguments in (("undo", str(journal), "--yes"), (*ALL, "--journal", str(journal))):
        result = run(*arguments, url=mended)
        assert (result.returncode, "another database" in result.stderr) == (2, True)
    assert (lines(journal)[1:], image(mended)) == (others, before)


def test_a_transaction_that_the_server_has_not_come_to_is_no_loss(mended: str, tmp_path: Path) -> None:
    journal = tmp_path / "j.jsonl"
    run(*ALL, "--journal", str(journal), url=mended)
    records = [record for record in lines(journal) if record["event"] != "done"]
    rewrite(journal, [{**record, "transaction": 2**40 + 3} if "made" in record else record for record in records])
    for arguments in (("undo", str(journal), "--yes"), (*ALL, "--journal", str(journal))):
        result = run(*arguments, url=mended)
        assert (result.returncode, "is in this server's future" in result.stderr) == (2, True), result.stderr
    assert not any(record["event"] == "lost" for record in lines(journal))
    assert len(requests(mended, STUCK)) == 1


def test_one_run_at_a_time_writes_a_journal(mended: str, tmp_path: Path) -> None:
    hold, journal = tmp_path / "hold", tmp_path / "j.jsonl"
    hold.touch()
    process = start(*ALL, "--pause-file", str(hold), "--journal", str(journal), url=mended)
    wait_until(lambda: journal.exists() and journal.stat().st_size > 0)
    for arguments in ((*ALL, "--journal", str(journal)), ("undo", str(journal), "--yes")):
        result = run(*arguments, url=mended)
        assert (result.returncode, "another run is writing" in result.stderr) == (2, True), result.stderr
    hold.unlink()
    _, errors = process.communicate(timeout=30)
    assert process.returncode == 0, errors


def test_only_its_owner_reads_a_journal(mended: str, tmp_path: Path) -> None:
    run(*ALL, url=mended, XDG_STATE_HOME=str(tmp_path))
    (journal,) = (tmp_path / "sessionaudit").iterdir()
    assert stat.S_IMODE(journal.stat().st_mode) == 0o600
    assert stat.S_IMODE(journal.parent.stat().st_mode) == 0o700

"""The last sentence of a command is computed from what was committed: nothing, what, or what is in doubt."""

from __future__ import annotations

import os
import signal
import subprocess
import threading
from typing import TYPE_CHECKING, Any

import psycopg
import pytest
from typer.main import get_command

from applying import PETS, pets
from crafting import INSERTED, batch, made, prepare, rows
from parents import HAS
from rows import CONTRACT, MARIA, STUCK, TOMS, command, process, run, start, wait_until
from servers import connect
from sessionaudit.cli.app import app
from sessionaudit.core.changes import Changes
from sessionaudit.report.formats.backfill import table as backfill_page
from sessionaudit.report.formats.undo import table as undo_page

if TYPE_CHECKING:
    from pathlib import Path

NOTHING = "Nothing was changed."


# The words


class RefusedError(Exception):
    def __init__(self, state: str | None) -> None:
        super().__init__()
        self.sqlstate = state


def test_the_sentence_is_of_what_was_counted() -> None:
    changes = Changes()
    assert (changes.any, changes.sentence()) == (False, NOTHING)
    changes.advice = "Do it again."
    assert changes.sentence() == NOTHING
    with changes.committing(0):
        pass
    assert changes.sentence() == NOTHING
    with changes.committing(1200):
        assert changes.sentence() == "Whether 1,200 rows were committed is not known. Do it again."
    assert changes.sentence() == "Committed changes stay: 1,200 rows. Do it again."
    changes.committed(1, "step")
    changes.committed(2, "batch of rows")
    changes.doubtful(1, "step")
    assert changes.sentence() == (
        "Committed changes stay: 1,200 rows, 1 step and 2 batches of rows. "
        "Whether 1 step more was committed is not known. Do it again."
    )
    changes.forget()
    assert (changes.any, changes.sentence()) == (False, NOTHING)


@pytest.mark.parametrize(
    ("state", "doubt"), [("23503", False), ("40001", False), ("57P01", True), ("08006", True), (None, True)]
)
def test_what_the_server_refused_was_not_committed_and_no_answer_is_a_doubt(state: str | None, doubt: bool) -> None:
    changes = Changes()
    with pytest.raises(RefusedError), changes.committing(3):
        raise RefusedError(state)
    assert changes.any == doubt
    with pytest.raises(KeyboardInterrupt), changes.committing(3):
        raise KeyboardInterrupt
    assert changes.any


def test_threads_count_together() -> None:
    changes = Changes()

    def work() -> None:
        for _ in range(2000):
            with changes.committing(1):
                pass

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert changes.sentence() == "Committed changes stay: 8,000 rows."


# Ctrl-C


def journal(url: str, path: Path) -> None:
    prepare(url, "create table things (id int primary key, n int)")
    for first in (1, 3, 5):
        batch(
            url,
            path,
            f"insert into things select n from generate_series({first}, {first + 1}) n",
            [made("things", INSERTED, str(first)), made("things", INSERTED, str(first + 1))],
        )


@pytest.mark.parametrize(("held", "left", "told"), [(5, 6, NOTHING), (3, 4, "Committed changes stay: 2 rows.")])
def test_ctrl_c_in_undo(database: str, tmp_path: Path, held: int, left: int, told: str) -> None:
    path = tmp_path / "j"
    journal(database, path)
    with psycopg.connect(database) as other:
        other.execute("select from things where id = %s for update", (held,))
        process = start("undo", str(path), "--yes", url=database)
        wait_until(lambda: is_waiting(database))
        process.send_signal(signal.SIGINT)
        _, errors = process.communicate(timeout=30)
    assert process.returncode == 130, errors
    assert f"Interrupted. {told}" in errors
    assert (NOTHING in errors) == (told == NOTHING)
    assert f"`sessionaudit undo --yes {path}` resumes" in errors or told == NOTHING
    assert len(rows(database, "things")) == left


def is_waiting(url: str) -> bool:
    with connect(url) as connection:
        found = connection.execute(
            """select from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'
               and application_name = 'sessionaudit'"""
        )
        return found.fetchone() is not None


@pytest.mark.parametrize(("ids", "told"), [((MARIA,), NOTHING), ((STUCK, MARIA), "Committed changes stay: 1 row.")])
def test_ctrl_c_in_a_backfill_of_ids(mended: str, tmp_path: Path, ids: tuple[str, ...], told: str) -> None:
    path = tmp_path / "j"
    with psycopg.connect(mended) as other:
        other.execute("select from public.sessions where id = %s for update", (TOMS,))
        process = start("backfill", *ids[:-1], TOMS, "--journal", str(path), url=mended)
        wait_until(lambda: is_waiting(mended))
        process.send_signal(signal.SIGINT)
        out, errors = process.communicate(timeout=30)
    assert process.returncode == 130, errors
    assert f"Interrupted. {told}" in errors
    assert path.exists() == (told != NOTHING)
    if told != NOTHING:
        assert "created" in out
        assert f"`sessionaudit backfill --journal {path} {ids[0]} {TOMS}` resumes" in errors


# The end is wrong, what was committed stands


@pytest.fixture
def here(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> Any:
    """Calls the program in this process, without the debugging; the exit code, and what it said on stderr."""
    monkeypatch.delenv("SESSIONAUDIT_DEBUG", raising=False)
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))

    def called(*words: str) -> tuple[int, str]:
        with pytest.raises(SystemExit) as ended:
            get_command(app).main(list(words), prog_name="sessionaudit")
        code = ended.value.code
        return (code if isinstance(code, int) else int(code is not None)), capsys.readouterr().err

    return called


def crash(*_: Any, **__: Any) -> str:
    raise RuntimeError("a mistake of ours")


@pytest.mark.thorough
def test_a_crash_after_a_backfill(mended: str, here: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(backfill_page, "render", crash)
    code, errors = here("backfill", STUCK, "-d", mended, "-c", str(CONTRACT))
    assert (code, "this is a bug in sessionaudit: RuntimeError" in errors) == (3, True)
    assert "hint: Committed changes stay: 1 row." in errors
    assert NOTHING not in errors
    code, errors = here("backfill", STUCK, "-d", mended, "-c", str(CONTRACT))
    assert (code, f"hint: {NOTHING}" in errors) == (3, True)


def test_a_crash_after_an_undo(database: str, tmp_path: Path, here: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    journal(database, tmp_path / "j")
    monkeypatch.setattr(undo_page, "render", crash)
    code, errors = here("undo", str(tmp_path / "j"), "--yes", "-d", database)
    assert (code, "hint: Committed changes stay: 6 rows." in errors) == (3, True)


def test_a_crash_after_a_repair(database: str, tmp_path: Path, here: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    from sessionaudit.report import plan as page

    prepare(database, PETS)
    contract = pets(tmp_path)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(page, "summary", crash)
    code, errors = here("repair", "--apply", "--yes", "--with-data", "-d", database, "-c", str(contract))
    assert (code, "this is a bug" in errors) == (3, True), errors
    assert "hint: Committed changes stay: 5 steps and 1 batch of rows. Run the same command again" in errors, errors
    assert NOTHING not in errors


@pytest.mark.thorough
@pytest.mark.parametrize("name", ["backfill", "undo", "all"])
def test_a_full_disk_at_the_end(mended: str, tmp_path: Path, name: str) -> None:
    path = tmp_path / "j"
    calls = {
        "backfill": ("backfill", STUCK, "--journal", str(path)),
        "undo": ("undo", str(path), "--yes"),
        "all": ("backfill", "--all", "--yes", "--format", "json", "--journal", str(path)),
    }
    if name == "undo":
        journal(mended, path)
    options = {key: value for key, value in process(mended, tmp_path, {}).items() if key != "capture_output"}
    with open("/dev/full", "w") as full:  # noqa: PTH123 - a device
        result = subprocess.run(command(*calls[name]), check=False, **options, stdout=full, stderr=subprocess.PIPE)
    assert result.returncode == 2
    assert "cannot write to standard output: No space left on device" in result.stderr
    assert "Committed changes stay: " in result.stderr
    assert NOTHING not in result.stderr


def test_a_reader_that_goes_away_is_no_failure(mended: str, tmp_path: Path) -> None:
    path = tmp_path / "j"
    options = {key: value for key, value in process(mended, tmp_path, {}).items() if key != "capture_output"}
    reading, writing = os.pipe()
    os.close(reading)
    call = command("backfill", STUCK, "--journal", str(path))
    result = subprocess.run(call, check=False, **options, stdout=writing, stderr=subprocess.PIPE)
    os.close(writing)
    assert result.returncode == 0, result.stderr
    assert f"Journal: {path}." in result.stderr


# The answer to a commit never comes


SLOW_COMMIT = """
create function slow() returns trigger language plpgsql as $$
begin
  if current_setting('application_name') = 'sessionaudit' then perform pg_sleep(30); end if;
  return null;
end $$"""


def end_committing(url: str) -> None:
    def found() -> list[tuple[int]]:
        with connect(url) as connection:
            return connection.execute(
                """select pid from pg_stat_activity where datname = current_database() and wait_event = 'PgSleep'
                   and application_name = 'sessionaudit' and query ilike 'commit%'"""
            ).fetchall()

    wait_until(lambda: bool(found()))
    with connect(url) as connection:
        connection.execute("select pg_terminate_backend(%s)", found()[0])


def test_a_commit_of_a_backfill_that_is_not_answered_is_in_doubt(mended: str, tmp_path: Path) -> None:
    # What is deferred is asked for before the commit; what it defers itself is not.
    prepare(
        mended,
        SLOW_COMMIT,
        "create table public.later (id serial)",
        """create constraint trigger slow after insert on public.later
           deferrable initially deferred for each row execute function slow()""",
        """create function later() returns trigger language plpgsql as $$
           begin set constraints all deferred; insert into public.later values (default); return null; end $$""",
        """create constraint trigger later after insert on public.session_requests
           deferrable initially deferred for each row execute function later()""",
    )
    running = start("backfill", STUCK, "--journal", str(tmp_path / "j"), url=mended)
    end_committing(mended)
    _, errors = running.communicate(timeout=30)
    assert running.returncode == 3, errors
    assert "Whether 1 row was committed is not known." in errors
    assert f"`sessionaudit backfill --journal {tmp_path / 'j'} {STUCK}` resumes, and repairs nothing twice" in errors
    assert NOTHING not in errors
    prepare(mended, "drop trigger later on public.session_requests")
    again = start("backfill", STUCK, "--journal", str(tmp_path / "j"), url=mended)
    assert again.wait(30) == 0
    again.communicate()
    with connect(mended) as connection:
        asked = "select count(*) from public.session_requests where metadata ->> 'session_id' = %s"
        assert connection.execute(asked, (STUCK,)).fetchone() == (1,)


def test_what_undo_checks_before_its_commit_cannot_hang_in_it(database: str, tmp_path: Path) -> None:
    path = tmp_path / "j"
    journal(database, path)
    prepare(
        database,
        SLOW_COMMIT.replace("pg_sleep(30)", "pg_sleep(0.1)").replace("return null", "raise exception 'no'"),
        """create constraint trigger slow after delete on things
           deferrable initially deferred for each row when (old.id = 4) execute function slow()""",
    )
    running = start("undo", str(path), "--yes", url=database)
    out, errors = running.communicate(timeout=30)
    assert running.returncode == 1, errors
    assert "5 rows deleted, 0 restored, 0 re-inserted, 0 gone already, 1 refused" in out
    assert [row["id"] for row in rows(database, "things")] == [4]


@pytest.mark.thorough
def test_a_log_that_cannot_be_written_is_told_and_stops_nothing(broken: str, tmp_path: Path) -> None:
    result = run("repair", "--apply", "--yes", "--log", "/dev/full", "--before", str(tmp_path / "b.yaml"), url=broken)
    assert result.returncode in {0, 1}, result.stderr
    assert "warning: the log /dev/full cannot be written" in result.stderr
    assert "bug" not in result.stderr


def test_what_is_not_fit_is_told_in_one_line(broken: str) -> None:
    result = run("backfill", STUCK, url=broken)
    (error,) = (line for line in result.stderr.splitlines() if line.startswith("error: "))
    assert "nothing was changed: " in error
    assert "\\n" not in error


def test_an_id_like_an_option_is_told_as_an_id(database: str, tmp_path: Path) -> None:
    contract = f"""{HAS}    backfill: true
trace:
  of: parent p
  links:
    child:
      summary: A child is there
      from: child c
      "on": c.parent_id = p.id
      invariant: parent_has_child
"""
    repair = """insert into child (parent_id) select p.id from parent p
                where p.id = any (%(keys)s::text[]) returning id, parent_id as key"""
    with connect(database) as connection:
        connection.execute("create table parent (id text primary key)")
        connection.execute("create table child (id serial primary key, parent_id text)")
        connection.execute("insert into parent values ('--all'), ('other')")
    (tmp_path / "expected_schema.yaml").write_text(contract, encoding="utf-8")
    (tmp_path / "repair.sql").write_text(repair, encoding="utf-8")
    here = {"SESSIONAUDIT_CONTRACT": "expected_schema.yaml"}
    result = run("trace", "--", "--all", url=database, cwd=tmp_path, **here)
    assert "Next: sessionaudit backfill -- --all" in result.stdout, result.stdout + result.stderr
    done = run("backfill", "--journal", "-j.jsonl", "--", "--all", url=database, cwd=tmp_path, **here)
    assert done.returncode == 0, done.stderr
    assert "`sessionaudit undo ./-j.jsonl`" in done.stderr
    with connect(database) as connection:
        assert connection.execute("select parent_id from child").fetchall() == [("--all",)]
    assert run("undo", "./-j.jsonl", "--yes", url=database, cwd=tmp_path, **here).returncode == 0

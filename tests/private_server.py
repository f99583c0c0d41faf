"""Private servers that tests share: to start one costs more than all that most of them do in it.

Where a test calls what runs files in a private server, that gets one that runs already, and gives it back as it was.
Who has been there leaves nothing: what was made is dropped, and a server that is not exactly what it was is not given
to another. Tests of the server itself, and of what takes all of a disk or of the memory, have one of their own: by the
mark `own_server`, or in `own_servers`.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from contextlib import ExitStack, contextmanager, suppress
from functools import cache
from typing import TYPE_CHECKING, Any, LiteralString, NoReturn

import psycopg
import pytest
from psycopg import sql

from program import USED, lending
from servers import connect, huge_pages, interrupted_by_signals
from sessionaudit.embedded import replay
from sessionaudit.embedded.binaries import VARIABLE as BINARIES_VARIABLE
from sessionaudit.embedded.server import Server, temporary_server

if TYPE_CHECKING:
    from collections.abc import Generator, Mapping, Sequence

_Rows = list[tuple[Any, ...]]
_Kind = tuple[str | None, ...]

# What a call says that runs files.
_WORDS = {"migrations", "--migrations", "--sql"}
_OTHERS = """
    select pg_catalog.pg_terminate_backend(pid) from pg_catalog.pg_stat_activity
    where backend_type = 'client backend' and pid <> pg_catalog.pg_backend_pid()"""
_DATABASES = "select datname from pg_catalog.pg_database where datname <> all ('{postgres,template0,template1}')"
_ROLES = r"select rolname from pg_catalog.pg_roles where not rolsuper and rolname !~ '^pg_'"
_SHARED = "select relname from pg_catalog.pg_class where relisshared and relkind = 'r' order by 1"
# Whatever is made in a database has a higher number than all that was there.
_NUMBERED = """
    select c.relname from pg_catalog.pg_class c join pg_catalog.pg_attribute a on a.attrelid = c.oid
    where c.relkind = 'r' and not c.relisshared and c.relnamespace = 'pg_catalog'::regnamespace and a.attname = 'oid'
    order by 1"""
_FILES = "select name, setting, applied, error from pg_catalog.pg_file_settings order by seqno"


class _KeptServer:
    """A running server, and how it was before anybody used it."""

    def __init__(self, user: str, settings: Mapping[str, str]) -> None:
        self.used = False
        self._running = ExitStack()
        with huge_pages():
            self.server: Server = self._running.enter_context(temporary_server(user=user, settings=settings))
        try:
            with connect(self.server.url()) as connection:
                self._whole = _all_of(connection, _SHARED, "array_agg(c::text order by c::text)")
                self._each = _all_of(connection, _NUMBERED, "max(oid)")
                self._before = self._state(connection)
        except BaseException:
            self.stop()
            raise

    def stop(self) -> None:
        """Stop the server and remove its directory."""
        self._running.close()

    def is_as_before(self) -> bool:
        """Drop what was made since; whether it is then the server that was started."""
        try:
            (self.server.directory / USED).unlink(missing_ok=True)
            shutil.rmtree(self.server.directory / "extensions", ignore_errors=True)
            with connect(self.server.url()) as connection:
                _clear(connection)
                return self._state(connection) == self._before
        except psycopg.Error:
            return False

    def _state(self, connection: psycopg.Connection) -> list[_Rows | list[str]]:
        with connect(self.server.url("template1")) as template:
            inside = [one.execute(self._each).fetchall() for one in (connection, template)]
        files = sorted(path.name for path in self.server.directory.iterdir())
        return [*inside, connection.execute(self._whole).fetchall(), connection.execute(_FILES).fetchall(), files]


class PrivateServers:
    """The servers that nobody uses just now, by what they were started with."""

    def __init__(self) -> None:
        self.alone = 0
        self._idle: dict[_Kind, list[_KeptServer]] = {}

    @contextmanager
    def server(self, *, user: str, settings: Mapping[str, str]) -> Generator[Server]:
        """Yield a server, in place of `temporary_server`."""
        if self.alone:
            with temporary_server(user=user, settings=settings) as own:
                yield own
            return
        with self._taken(user, settings) as kept:
            yield kept.server

    @contextmanager
    def lent(self, words: Sequence[str], environment: Mapping[str, str]) -> Generator[dict[str, Any] | None]:
        """Yield what a process needs that shall use a server; None where it shall start its own, or none.

        `words` are its arguments.
        """
        if self.alone or _WORDS.isdisjoint(words) or _place(environment) != _place(os.environ):
            yield None
            return
        user, settings = _usual()
        with self._taken(user, settings) as kept:
            kept.used = False
            values = {name: getattr(kept.server, name) for name in ("port", "user", "password", "version", "host")}
            try:
                yield {"directory": str(kept.server.directory), **values, "settings": dict(settings)}
            finally:
                kept.used = (kept.server.directory / USED).exists()

    @contextmanager
    def _taken(self, user: str, settings: Mapping[str, str]) -> Generator[_KeptServer]:
        kind = *_place(os.environ), user, *(f"{name} = {value}" for name, value in sorted(settings.items()))
        idle = self._idle.setdefault(kind, [])
        kept = idle.pop() if idle else _KeptServer(user, settings)
        kept.used = True
        usable = False
        try:
            yield kept
        finally:
            try:
                usable = not kept.used or kept.is_as_before()
            finally:
                if usable:
                    idle.append(kept)
                else:
                    kept.stop()

    def close(self) -> None:
        """Stop them all."""
        for idle in self._idle.values():
            while idle:
                idle.pop().stop()


_servers = PrivateServers()


@contextmanager
def shared_servers() -> Generator[None]:
    """Until the block ends, what runs files in a private server of this process gets one that is shared."""
    interrupted_by_signals()
    lending.append(_servers.lent)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(replay, "temporary_server", _servers.server)
        try:
            yield
        finally:
            lending.remove(_servers.lent)
            _servers.close()


@contextmanager
def own_servers() -> Generator[None]:
    """Until the block ends, each private server is a new one, as the product has it."""
    _servers.alone += 1
    try:
        yield
    finally:
        _servers.alone -= 1


def _place(environment: Mapping[str, str]) -> tuple[str | None, ...]:
    """Where a server is started by default, and of which programs."""
    return tempfile.gettempdir(), *map(environment.get, ("TMPDIR", "PATH", BINARIES_VARIABLE))


@cache
def _usual() -> tuple[str, Mapping[str, str]]:
    """What servers are asked for where nothing else is said: the user, and the settings."""
    asked: list[tuple[str, Mapping[str, str]]] = []

    def none(*, user: str, settings: Mapping[str, str]) -> NoReturn:
        asked.append((user, settings))
        raise LookupError

    with pytest.MonkeyPatch.context() as patch, suppress(LookupError):
        patch.setattr(replay, "temporary_server", none)
        with replay.replaying("asked"):
            pass
    return asked[0]


def _all_of(connection: psycopg.Connection, catalogs: LiteralString, value: LiteralString) -> sql.Composed:
    """A query with a row for each of the catalogs that a query names."""
    names = [name for (name,) in connection.execute(catalogs)]
    return sql.SQL(" union all ").join(
        sql.SQL("select {}, pg_catalog.{}::text from pg_catalog.{} c").format(
            sql.Literal(name), sql.SQL(value), sql.Identifier(name)
        )
        for name in names
    )


def _clear(connection: psycopg.Connection) -> None:
    connection.execute(_OTHERS)
    for (name,) in connection.execute(_DATABASES).fetchall():
        connection.execute(sql.SQL("drop database {} with (force)").format(sql.Identifier(name)))
    if roles := [sql.Identifier(name) for (name,) in connection.execute(_ROLES).fetchall()]:
        connection.execute(sql.SQL("drop owned by {}").format(sql.SQL(", ").join(roles)))
        connection.execute(sql.SQL("drop role {}").format(sql.SQL(", ").join(roles)))
    connection.execute("alter system reset all")
    connection.execute("select pg_catalog.pg_reload_conf()")

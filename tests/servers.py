"""The PostgreSQL server that the tests run on, and the databases in it."""

from __future__ import annotations

import gc
import os
import secrets
import signal
import threading
import time
import warnings
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, LiteralString
from urllib.parse import urlsplit

import psycopg
import pytest
from psycopg import sql

from sessionaudit.embedded.binaries import VARIABLE as BINARIES_VARIABLE
from sessionaudit.embedded.server import FAST_SETTINGS, temporary_server

if TYPE_CHECKING:
    from collections.abc import Generator, Sequence

URL_VARIABLE = "SESSIONAUDIT_TEST_DATABASE_URL"
IMAGE_VARIABLE = "SESSIONAUDIT_TEST_IMAGE"
_ANYBODY: LiteralString = "select 1 from pg_catalog.pg_stat_activity where datname = {}"


def connect(url: str) -> psycopg.Connection:
    """Open an autocommit connection that prepares nothing, so that DDL elsewhere cannot break it."""
    return psycopg.connect(url, autocommit=True, prepare_threshold=None)


@contextmanager
def connected(database: str | psycopg.Connection) -> Generator[psycopg.Connection]:
    """Yield a connection to a database: the one that is given, or one of its own by a URL."""
    if isinstance(database, psycopg.Connection):
        yield database
        return
    with connect(database) as connection:
        yield connection


def with_database(url: str, database: str) -> str:
    """Return the URL with another database, whose name needs no escaping."""
    parts = urlsplit(url)
    if parts.scheme not in {"postgresql", "postgres"}:
        raise pytest.UsageError(f"{URL_VARIABLE} must be a URL: postgresql://USER:PASSWORD@HOST:PORT/DATABASE")
    query = f"?{parts.query}" if parts.query else ""
    return f"{parts.scheme}://{parts.netloc}/{database}{query}"


class DatabaseServer:
    """A server reached by its administrator's URL; makes databases, and drops all that it made.

    Roles belong to the whole server: SQL that creates roles must be guarded by who writes it.
    """

    def __init__(self, url: str, directory: Path | None = None) -> None:
        self.url, self._directory = url, directory
        self._connection = connect(url)
        self.major = self._connection.info.server_version // 10_000
        self._create: LiteralString = "create database {} template {}"
        if self.major >= 15:
            self._create += " strategy file_copy"  # which costs half of the way through the log
        self._templates: dict[str, tuple[str, tuple[str, ...]]] = {}
        self._databases: set[str] = set()

    def create(self, template: str | None = None) -> str:
        """Make a database and return its URL: empty, or a copy of what `template` returned."""
        # Whoever comes first into a database makes the server's caches of it: in an empty one, too, somebody was.
        return self._copy(template or self.template("empty", ()))

    def _copy(self, template: str) -> str:
        name = f"sa_{secrets.token_hex(8)}"
        self._execute(self._create, name, template)
        self._databases.add(name)
        return with_database(self.url, name)

    def drop(self, url: str) -> None:
        """Drop a database by its URL, whoever is connected."""
        self._drop(urlsplit(url).path.removeprefix("/"))

    def template(self, name: str, texts: Sequence[str]) -> str:
        """Return the name of a template database on which the SQL texts were run, made at the first call.

        Each text is one transaction, unless it holds a single statement that cannot be in one.
        Raises ValueError when the same name was used for other texts.
        """
        if name not in self._templates:
            url = self._copy("template0")
            with connect(url) as connection:
                for text in texts:
                    connection.execute(text.encode())
            database = urlsplit(url).path.removeprefix("/")
            # Nobody may connect: a connection to the template would make each copy of it fail.
            self._execute("alter database {} with allow_connections false", database)
            if self._directory is not None:
                self._without_maps(self._directory, database)
            self._templates[name] = database, tuple(texts)
        database, used = self._templates[name]
        if used != tuple(texts):
            raise ValueError(f"The template {name} was made from other SQL.")
        return database

    def _without_maps(self, directory: Path, database: str) -> None:
        """Remove the maps of free space and of visible rows, which PostgreSQL makes anew where it wants them.

        They are a quarter of what is copied each time.
        """
        self._connection.execute("checkpoint")  # behind which nothing is written into them
        found = self._connection.execute("select oid from pg_catalog.pg_database where datname = %s", (database,))
        for (number,) in found.fetchall():
            for file in (directory / "run" / "data" / "base" / str(number)).glob("*_[fv]*m"):
                file.unlink()

    def copied(self, url: str) -> str:
        """Return the name of a database by its URL, for `create`, as soon as those who have left it are gone."""
        name = urlsplit(url).path.removeprefix("/")
        # CREATE DATABASE looks for them itself, but only ten times a second.
        while self._run(sql.SQL(_ANYBODY).format(name)).fetchone():
            time.sleep(0.001)
        return name

    def close(self) -> None:
        """Drop what is left of the databases."""
        for name in tuple(self._databases):
            self._drop(name)
        self._connection.close()

    def _drop(self, name: str) -> None:
        self._execute("drop database if exists {} with (force)", name)
        self._databases.discard(name)

    def _execute(self, statement: LiteralString, *names: str) -> None:
        self._run(sql.SQL(statement).format(*map(sql.Identifier, names)))

    def _run(self, statement: sql.Composed) -> psycopg.Cursor:
        try:
            return self._connection.execute(statement)
        except psycopg.OperationalError:
            if not self._connection.closed:
                raise
            self._connection = connect(self.url)  # a test has ended the old one
            return self._connection.execute(statement)


@contextmanager
def running_server() -> Generator[DatabaseServer]:
    """Yield the server of this run: the one that the environment names, a container's, or a throwaway one."""
    with _running() as (url, directory):
        server = DatabaseServer(url, directory)
        try:
            yield server
        finally:
            server.close()


@contextmanager
def _running() -> Generator[tuple[str, Path | None]]:
    """The administrator's URL, and the directory of a server that is ours."""
    if url := os.environ.get(URL_VARIABLE):
        yield url, None
        return
    if not os.environ.get(BINARIES_VARIABLE) and _has_docker():
        with _container() as url:
            yield url, None
        return
    interrupted_by_signals()
    with huge_pages(), temporary_server() as server:
        yield server.url(), server.directory


@contextmanager
def huge_pages() -> Generator[None]:
    """Let servers that are started ask for memory in large pages: to plan a query takes a tenth less with them."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("GLIBC_TUNABLES", "glibc.malloc.hugetlb=1")
        yield


def interrupted_by_signals() -> None:
    """Let SIGTERM end the run as Ctrl-C does: pytest would count SystemExit, which servers raise, as a failed test."""
    if threading.current_thread() is threading.main_thread() and signal.getsignal(signal.SIGTERM) is signal.SIG_DFL:
        signal.signal(signal.SIGTERM, signal.default_int_handler)


def _has_docker() -> bool:
    # The places where the client looks; importing it takes a third of the time that our own server needs.
    if "DOCKER_HOST" not in os.environ and not Path("/var/run/docker.sock").exists():
        return False
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        answers = _docker_answers()
        gc.collect()  # a client that gets no answer leaves its socket open, which warns when it is collected
    return answers


def _docker_answers() -> bool:
    import docker
    from docker.errors import DockerException

    try:
        docker.from_env().close()
    except DockerException:
        return False
    return True


@contextmanager
def _container() -> Generator[str]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from testcontainers.community.postgres import PostgresContainer

    options = " ".join(f"-c {name}={value}" for name, value in FAST_SETTINGS.items())
    image = os.environ.get(IMAGE_VARIABLE, "postgres:18")
    with PostgresContainer(image, driver=None).with_command(f"postgres {options}") as container:
        yield container.get_connection_url()

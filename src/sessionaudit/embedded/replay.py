"""Runs files of SQL that somebody else wrote in a private server, and tells what became of each.

The role that runs them owns the database and is no superuser: it reaches no file and no program of this machine. What
its statements may take is bounded (see `bounded`). Where they name a role that is nowhere, it is made, as files of one
database say nothing of roles, which belong to the server.
"""

from __future__ import annotations

import os
import re
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any, LiteralString

import psycopg
from msgspec import Struct, field
from psycopg import sql

from sessionaudit.core import sqlstate
from sessionaudit.core.finding import Location
from sessionaudit.core.place import line_and_column
from sessionaudit.embedded.bounded import BoundedConnection, ReplayLimits, ReplayRefusal
from sessionaudit.embedded.extensions import lend_extensions
from sessionaudit.embedded.giving_away import given_away
from sessionaudit.embedded.policies import PolicyLender
from sessionaudit.embedded.server import Server, temporary_server
from sessionaudit.embedded.stated_address import stated_address
from sessionaudit.errors import DatabaseError
from sessionaudit.sql.statements import UnsplitError, statements
from sessionaudit.sql.text import quoted, sent, unquote

if TYPE_CHECKING:
    from collections.abc import Generator, Iterable

    from sessionaudit.sql.statements import SqlStatement

SUPABASE = Path(__file__).with_name("platform.sql")  # makes an empty database one of Supabase's, as far as names go
USUAL_OWNER = "postgres"  # as hosting platforms call the role that owns what is the user's
_SUPERUSER = "sessionaudit_server"
_SAVEPOINT = "sessionaudit_statement"
_MOST_ROLES = 200
_NO_ROLE = re.compile(r'role "(.+)" does not exist')
_ITS_OWN_SCHEMA = re.compile(r'extension ".+" must be installed in schema ".+"')
# Of a role that a file has made: PostgreSQL lets its maker be it only when told to, a superuser always.
_TO_BE_A_ROLE = re.compile(
    r'must be able to SET ROLE "(.+)"|permission denied to set role "(.+)"|must be (?:a )?member of role "(.+)"'
)
_SEE_ROLES = "select from pg_catalog.pg_roles"  # a backend keeps in mind which roles are not there
_EXTENSION = re.compile(r'create\s+extension\s+(?:if\s+not\s+exists\s+)?("(?:[^"]|"")+"|[\w$-]+)', re.IGNORECASE)
# Nothing works in the background: what a connection may take is limited, and what it would have others do is not.
_SETTINGS = {
    "max_connections": "20",
    "max_prepared_transactions": "0",
    "max_worker_processes": "0",
    "max_parallel_workers": "0",
    "max_logical_replication_workers": "0",
}
_CREATEROLE_IS_SAFE = 160000  # before, it lets a role become a member of pg_execute_server_program
_OWNED_BY_THE_DATABASE = 150000  # the schema public, that is: by whoever owns that
_LOOKS_FOR_THE_CLIENT = 140000
_PARAMETERS_CAN_BE_GRANTED = 150000
_MIGHTY = """
select rolname from pg_catalog.pg_roles
 where (rolsuper or rolcreaterole or rolcreatedb or rolreplication) and rolname <> current_user"""
# What every project of Supabase has, and in which schema; `extensions` is in the search path of its role.
FROM_THE_START = {"pgcrypto": "extensions", "uuid-ossp": "extensions", "supabase_vault": "vault"}
# A file owns the database, and what it sets for that holds for every session that begins later, the superuser's too.
# What a client asks for goes before: so no name and no operator of ours is one that a file has made.
_UNMOVED = {
    "search_path": "pg_catalog",
    "session_authorization": _SUPERUSER,
    "role": "none",
    "session_replication_role": "origin",
    "session_preload_libraries": "",
    "local_preload_libraries": "",
    "default_transaction_read_only": "off",
    "standard_conforming_strings": "on",
    "statement_timeout": "0",
    "lock_timeout": "0",
    "idle_in_transaction_session_timeout": "0",
}
# What a file can fill the server's log with, which no limit counts.
_ADMIT = "Remove the statement of an earlier file that limits sessions (ALTER ROLE or ALTER DATABASE)."
_QUIET: tuple[LiteralString, ...] = ("log_min_messages", "log_min_error_statement")


class RefusedSessionError(DatabaseError):
    """No session can begin any more: a file has set that, for the role or for the database."""


class SqlFile(Struct, frozen=True, kw_only=True):
    """A file of SQL: how the caller calls it, and its text."""

    name: str
    text: str


class ReplayFailure(Struct, frozen=True, kw_only=True):
    """Why a file was not applied: the place, the statement, and what the server says of it."""

    location: Location
    statement: str
    state: str
    message: str
    hint: str = ""


class FileReplay(Struct, frozen=True, kw_only=True):
    """What became of a file. One that is `whole` was one transaction; else what came before a failure stayed."""

    file: str
    whole: bool
    failure: ReplayFailure | None = None


class Replay(Struct):
    """A database in a private server, in which files are run one after the other.

    `url` leads to it as the role that runs them. `lacking` are the extensions that files asked for and the server does
    not have, or not for a role that is no superuser; `assumed` the roles that were made because files name them.
    """

    name: str
    url: str
    owner: str
    _watcher: psycopg.Connection[tuple[Any, ...]]
    _limits: ReplayLimits
    _server: Server
    _lender: PolicyLender | None = None
    lacking: list[str] = field(default_factory=list[str])
    assumed: list[str] = field(default_factory=list[str])

    def run(self, file: SqlFile) -> FileReplay:
        """Run a file: in one transaction, unless it has statements that the server takes outside of one alone."""
        try:
            found = list(statements(file.text))
        except UnsplitError as error:
            location = _location(file, error.start)
            unsplit = ReplayFailure(
                location=location, statement="", state=sqlstate.SYNTAX_ERROR, message=str(error), hint=error.hint
            )
            return FileReplay(file=file.name, whole=True, failure=unsplit)
        whole = not any(statement.alone for statement in found)
        with closing(self.open()) as connection:
            refused = connection.run("begin") if whole else None
            for statement in found:
                refused = refused or self.take(connection, statement)
                if refused:
                    return FileReplay(file=file.name, whole=whole, failure=_failure(file, statement, refused))
            if connection.in_transaction or connection.in_failed:
                refused = connection.run("commit")
        failure = _failure(file, found[-1], refused) if refused and found else None
        return FileReplay(file=file.name, whole=whole, failure=failure)

    def open(self) -> BoundedConnection:
        """Open a connection as the role that runs files. Raises RefusedSessionError where these have forbidden that."""
        try:
            return BoundedConnection(self.url, self._watcher, self._limits)
        except psycopg.OperationalError as error:
            reason = str(error).strip().rpartition("FATAL:")[2].strip()
            raise RefusedSessionError(f"the private server refuses the next session: {reason}", hint=_ADMIT) from None

    @property
    def superuser_url(self) -> str:
        """The URL of the database for the server's superuser, with the password: no file changes its settings."""
        settings = " ".join(f"-c {name}={value}" for name, value in _UNMOVED.items())
        return stated_address(self._server.url(self.name), settings)

    def by_superuser(self) -> psycopg.Connection[tuple[Any, ...]]:
        """A connection to the database as the server's superuser."""
        return psycopg.connect(self.superuser_url, autocommit=True)

    @property
    def major(self) -> int:
        """The major version of the private server."""
        return self._watcher.info.server_version // 10_000

    def take_back(self) -> None:
        """Take from the owner the roles that it was given only so that it could do what the files say of them."""
        for name in self.assumed:
            self._watcher.execute(sql.SQL("revoke {} from {}").format(sql.Identifier(name), sql.Identifier(self.owner)))

    def assume(self, roles: Iterable[str]) -> None:
        """Make the roles that are not there, and let the owner give them to others, as a superuser could."""
        for role in roles:
            if not self._watcher.execute("select from pg_catalog.pg_roles where rolname = %s", (role,)).rowcount:
                self._watcher.execute(sql.SQL("create role {}").format(sql.Identifier(role)))
                self._watcher.execute(
                    sql.SQL("grant {} to {} with admin option").format(sql.Identifier(role), sql.Identifier(self.owner))
                )

    def take(self, connection: BoundedConnection, statement: SqlStatement) -> ReplayRefusal | None:
        """Run a statement; again where what was in its way is not the file's to make.

        In a transaction, that goes on after a refusal as if the statement had not been there.
        """
        refused: ReplayRefusal | None = None
        joined: set[str] = set()
        for _ in range(_MOST_ROLES):
            guarded = connection.in_transaction and not statement.ends_transaction
            if guarded and (refused := connection.run(f"savepoint {_SAVEPOINT}")):
                return refused
            refused = connection.run(statement.text, statement.data)
            if refused is None:
                return connection.run(f"release {_SAVEPOINT}") if guarded else None
            if connection.lost:
                return refused
            if guarded:
                connection.run(f"rollback to {_SAVEPOINT}")
            if self._lender is not None:
                refused = self._lender.tried(connection, statement, refused, _SAVEPOINT)
            if refused is None or _put_where_it_belongs(connection, statement, refused):
                return None
            if self._passes_over(statement, refused):
                return None
            if not (self._made_role(refused) or _joined(connection, refused, joined)):
                return given_away(connection, statement, refused, _SAVEPOINT)
            connection.run(_SEE_ROLES)
        return refused

    def _passes_over(self, statement: SqlStatement, refused: ReplayRefusal) -> bool:
        """Whether what cannot be done need not be: of an extension, which is noted, and a schema that is there."""
        words = statement.words
        if words[:2] == ("create", "extension") and (named := _EXTENSION.match(statement.text)):
            if refused.state not in {
                *(sqlstate.FEATURE_NOT_SUPPORTED, sqlstate.UNDEFINED_FILE),
                *(sqlstate.INSUFFICIENT_PRIVILEGE, sqlstate.UNDEFINED_OBJECT),
            }:
                return False
            name = unquote(named[1])
            self.lacking += [name] if name not in self.lacking else []
            return True
        if words[:3] == ("comment", "on", "extension"):
            return refused.state in {sqlstate.INSUFFICIENT_PRIVILEGE, sqlstate.UNDEFINED_OBJECT}
        return words == ("create", "schema", "public") and refused.state == sqlstate.DUPLICATE_SCHEMA

    def _made_role(self, refused: ReplayRefusal) -> bool:
        if refused.state not in {sqlstate.UNDEFINED_OBJECT, sqlstate.INVALID_PARAMETER_VALUE}:
            return False
        match = _NO_ROLE.search(refused.message)
        if match is None or match[1] in self.assumed:
            return False
        try:
            self._watcher.execute(sql.SQL("create role {}").format(sql.Identifier(match[1])))
            self._watcher.execute(
                sql.SQL("grant {} to {}").format(sql.Identifier(match[1]), sql.Identifier(self.owner))
            )
        except psycopg.Error:
            return False
        self.assumed.append(match[1])
        return True


def _joined(connection: BoundedConnection, refused: ReplayRefusal, before: set[str]) -> bool:
    """Whether the role that runs the files could make itself a member of the one that it needs to be."""
    match = _TO_BE_A_ROLE.search(refused.message)
    if match is None or refused.state != sqlstate.INSUFFICIENT_PRIVILEGE:
        return False
    name = next(filter(None, match.groups()))
    if name in before:
        return False
    before.add(name)
    return connection.run(f"grant {quoted(name)} to session_user") is None


def _put_where_it_belongs(connection: BoundedConnection, statement: SqlStatement, refused: ReplayRefusal) -> bool:
    """Whether an extension that has a schema of its own could be created there, as Supabase does, whatever is said."""
    named = _EXTENSION.match(statement.text)
    if named is None or not _ITS_OWN_SCHEMA.search(refused.message):
        return False
    return connection.run(f"create extension if not exists {named[1]}") is None


@contextmanager
def replaying(
    name: str, *, owner: str = USUAL_OWNER, stub: Path | None = None, limits: ReplayLimits | None = None
) -> Generator[Replay]:
    """Start a private server with an empty database of this name, and yield it; all is removed when the block ends.

    `owner` is the role that runs the files. `stub` makes of the database one of a hosting platform, before. Raises
    DatabaseError where there are no programs of PostgreSQL.
    """
    bounds = limits or ReplayLimits()
    settings = {**_SETTINGS, "temp_file_limit": f"{bounds.temporary // 1024}kB"}
    with (
        temporary_server(user=_SUPERUSER, settings=settings) as server,
        closing(_reached(server.url())) as watcher,
    ):
        _prepare(watcher, name, owner, bounds)
        lend_extensions(watcher, owner, server.directory)
        with closing(_reached(server.url(name))) as inside:
            if inside.info.server_version < _OWNED_BY_THE_DATABASE:
                inside.execute(sql.SQL("alter schema public owner to {}").format(sql.Identifier(owner)))
            if stub is not None:
                inside.execute(sent(stub.read_text(encoding="utf-8").replace("app_owner", owner)))
                _equip(inside, server.url(name, owner), owner)
            _disarm(inside, owner)
        lender = PolicyLender(watcher, owner) if stub is not None else None
        yield Replay(name, stated_address(server.url(name, owner)), owner, watcher, bounds, server, lender)


def _reached(url: str) -> psycopg.Connection[tuple[Any, ...]]:
    """Connect to a private server. Raises DatabaseError where the environment names a service that is not there."""
    try:
        return psycopg.connect(stated_address(url), autocommit=True)
    except psycopg.OperationalError as error:
        raise DatabaseError(
            f"cannot connect to the private server: {' '.join(str(error).split())}",
            hint="Check PGSERVICE, and the name in ~/.pg_service.conf." if "PGSERVICE" in os.environ else "",
        ) from None


def _prepare(watcher: psycopg.Connection[tuple[Any, ...]], name: str, owner: str, bounds: ReplayLimits) -> None:
    for setting in _QUIET:
        watcher.execute(sql.SQL("alter system set {} = 'panic'").format(sql.SQL(setting)))
    if watcher.info.server_version >= _LOOKS_FOR_THE_CLIENT:  # and ends what runs for one that was killed
        watcher.execute("alter system set client_connection_check_interval = '1s'")
    watcher.execute("select pg_catalog.pg_reload_conf()")
    role = sql.Identifier(owner)
    watcher.execute(sql.SQL("create role {} login").format(role))
    if watcher.info.server_version >= _PARAMETERS_CAN_BE_GRANTED:  # superusers set it, and Supabase's role
        watcher.execute(sql.SQL("grant set on parameter session_replication_role to {}").format(role))
    milliseconds = sql.Literal(f"{bounds.seconds:g}s")
    watcher.execute(sql.SQL("alter role {} set statement_timeout = {}").format(role, milliseconds))
    watcher.execute(sql.SQL("create database {} owner {}").format(sql.Identifier(name), role))


def _equip(inside: psycopg.Connection[tuple[Any, ...]], url: str, owner: str) -> None:
    """Give a database of Supabase's what its stub cannot: what the role `owner` has, may and has created there."""
    role = sql.Identifier(owner)
    inside.execute(sql.SQL("alter role {} bypassrls").format(role))
    path = sql.SQL("alter role {} set search_path to {}, public, extensions")
    inside.execute(path.format(role, sql.Identifier("$user")))
    with closing(_reached(url)) as connection:
        for name, schema in FROM_THE_START.items():
            with suppress(psycopg.Error):  # a server that lacks it goes without it, as before
                create = sql.SQL("create extension {} schema {}")
                connection.execute(create.format(sql.Identifier(name), sql.Identifier(schema)))


def _disarm(inside: psycopg.Connection[tuple[Any, ...]], owner: str) -> None:
    """Leave the owner no right that leads out of the server, and the right to make roles where it does not.

    Where it does, no other role has it either: a file might become one.
    """
    safe = inside.info.server_version >= _CREATEROLE_IS_SAFE
    names = [owner] if safe else [owner, *(name for (name,) in inside.execute(_MIGHTY))]
    for name in names:
        inside.execute(
            sql.SQL("alter role {} nosuperuser noreplication nocreatedb {}").format(
                sql.Identifier(name), sql.SQL("createrole" if safe else "nocreaterole")
            )
        )


def _failure(file: SqlFile, statement: SqlStatement, refused: ReplayRefusal) -> ReplayFailure:
    offset = statement.start + max(refused.position - 1, 0)
    return ReplayFailure(
        location=_location(file, offset), statement=statement.text, state=refused.state, message=refused.message
    )


def _location(file: SqlFile, offset: int) -> Location:
    return Location(file.name, *line_and_column(file.text, offset))

"""Sends every statement by the extended protocol: the server rejects a text with a second one.

A statement without parameters psycopg sends by PostgreSQL's simple protocol, in which a text may hold any number
of statements, `commit` among them. By the extended protocol it is one, or it is refused (42601). Nothing is prepared
by name, which a transaction pooler could not keep apart.
"""

from __future__ import annotations

import inspect
import json
from typing import Any

import psycopg
from psycopg.adapt import Loader
from psycopg.types.string import StrDumperUnknown

# What is overridden is psycopg's own, and none of its promises: better not to start than to override nothing.
if "force_extended" not in inspect.signature(psycopg.Cursor._execute_send).parameters:  # pyright: ignore[reportPrivateUsage]
    raise ImportError("this version of psycopg is not supported")


class Alone(psycopg.Cursor[tuple[Any, ...]]):
    """A cursor that sends one statement at a time, whether it has parameters or not."""

    def _execute_send(self, query: Any, *, force_extended: bool = True, binary: bool | None = None) -> None:  # noqa: ARG002
        super()._execute_send(query, force_extended=True, binary=binary)


class Connection(psycopg.Connection[tuple[Any, ...]]):
    """A connection whose statements go out alone; `role` is the one that `connection.limit` takes on."""

    role: str = ""
    role_is_superuser: bool = False

    def __init__(self, *arguments: Any, **keywords: Any) -> None:
        super().__init__(*arguments, **keywords)
        self.cursor_factory = Alone


# Of a database in SQL_ASCII nobody knows how its bytes are meant: it may hold any. What is no UTF-8 is taken for
# halves of surrogate pairs, as Python takes file names: so it is told apart, shown as an escape, and sent as it came.


class _Text(Loader):
    """Any bytes as a text."""

    def load(self, data: Any) -> str:
        return bytes(data).decode("utf-8", "surrogateescape")


class _Json(Loader):
    """JSON with any bytes in it."""

    def load(self, data: Any) -> Any:
        return json.loads(bytes(data).decode("utf-8", "surrogateescape"))


class _Bytes(StrDumperUnknown):
    """A text as the bytes that it came from."""

    def dump(self, obj: str) -> bytes:
        return obj.encode("utf-8", "surrogateescape")


def take_any_bytes(connection: Connection) -> None:
    """Have a connection to a database in SQL_ASCII read and send texts that are no UTF-8."""
    for type_ in ("text", "varchar", "bpchar", "name", 0):  # by 0 go enums, and all that psycopg does not know
        connection.adapters.register_loader(type_, _Text)
    for type_ in ("json", "jsonb"):
        connection.adapters.register_loader(type_, _Json)
    connection.adapters.register_dumper(str, _Bytes)

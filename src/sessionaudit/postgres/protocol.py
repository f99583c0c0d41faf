"""Send every statement by the extended protocol, in which the server rejects a second statement in a text.

psycopg sends a statement without parameters by PostgreSQL's simple protocol, in which a text may contain any number of
statements, also `commit`. In the extended protocol a text with more than one is rejected (42601). No named statement is
prepared, because a transaction pooler could not keep the names of clients apart.
"""

from __future__ import annotations

import inspect
import json
from typing import Any

import psycopg
from psycopg.adapt import Loader
from psycopg.types.string import StrDumperUnknown

# The overridden method is private to psycopg and may change: then it is better not to start.
if "force_extended" not in inspect.signature(psycopg.Cursor._execute_send).parameters:  # pyright: ignore[reportPrivateUsage]
    raise ImportError("this version of psycopg is not supported")


class Alone(psycopg.Cursor[tuple[Any, ...]]):
    """A cursor that sends one statement at a time, with or without parameters."""

    def _execute_send(self, query: Any, *, force_extended: bool = True, binary: bool | None = None) -> None:  # noqa: ARG002 - as psycopg passes it
        super()._execute_send(query, force_extended=True, binary=binary)


class Connection(psycopg.Connection[tuple[Any, ...]]):
    """A connection that sends one statement at a time; `connection.limit` sets its `role`."""

    role: str = ""
    role_is_superuser: bool = False

    def __init__(self, *arguments: Any, **keywords: Any) -> None:
        super().__init__(*arguments, **keywords)
        self.cursor_factory = Alone


# A database in SQL_ASCII may contain bytes of any encoding. Bytes that are not valid UTF-8 are read as lone surrogates,
# as Python does for file names: so they are kept apart, shown as escapes, and sent back unchanged.


class _Text(Loader):
    """Loads any bytes as a text."""

    def load(self, data: Any) -> str:
        return bytes(data).decode("utf-8", "surrogateescape")


class _Json(Loader):
    """Loads JSON that contains any bytes."""

    def load(self, data: Any) -> Any:
        return json.loads(bytes(data).decode("utf-8", "surrogateescape"))


class _Bytes(StrDumperUnknown):
    """Dumps a text as the bytes that it came from."""

    def dump(self, obj: str) -> bytes:
        return obj.encode("utf-8", "surrogateescape")


def take_any_bytes(connection: Connection) -> None:
    """Make a connection to a database in SQL_ASCII read and send texts that are not valid UTF-8."""
    for type_ in ("text", "varchar", "bpchar", "name", 0):  # 0 is for enums and all types unknown to psycopg
        connection.adapters.register_loader(type_, _Text)
    for type_ in ("json", "jsonb"):
        connection.adapters.register_loader(type_, _Json)
    connection.adapters.register_dumper(str, _Bytes)

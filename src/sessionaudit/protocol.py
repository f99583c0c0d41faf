"""Every statement goes out alone: the server refuses a text that holds a second one.

A statement without parameters psycopg sends by PostgreSQL's simple protocol, in which a text may hold any number
of statements, `commit` among them. By the extended protocol it is one, or it is refused (42601). Nothing is prepared
by name, which a transaction pooler could not keep apart.
"""

from __future__ import annotations

import inspect
from typing import Any

import psycopg

# What is overridden is psycopg's own, and none of its promises: better not to start than to override nothing.
if "force_extended" not in inspect.signature(psycopg.Cursor._execute_send).parameters:  # pyright: ignore[reportPrivateUsage]
    raise ImportError("this version of psycopg sends statements in another way than is known here")


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

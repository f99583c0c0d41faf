"""Servers: a foreign data wrapper, and the options."""

from __future__ import annotations

from typing import Any

from msgspec import Struct

from sessionaudit.core.node import Node, NodeError, known_keys, mapping, text
from sessionaudit.kinds.common import foreign_options
from sessionaudit.sql.text import quoted, unquote


class ForeignServer(Struct, frozen=True, kw_only=True):
    """A server; `options` are None where the contract does not state them."""

    wrapper: str
    options: foreign_options.Options | None = None


_KEYS = ("wrapper", "options")


def read(node: Node, _schema: str) -> ForeignServer:
    """Read an entry of `servers:`."""
    found = mapping(node, "a mapping: {wrapper: postgres_fdw, options: {host: db.example}}")
    known_keys(found, _KEYS, "a server")
    fields: dict[str, Node] = {str(key): value for key, value in found.items()}
    if "wrapper" not in fields:
        raise NodeError("a server needs its foreign data wrapper", found, "For example: {wrapper: postgres_fdw}.")
    wrapper = unquote(str(text(fields["wrapper"], "a foreign data wrapper")))
    return ForeignServer(wrapper=wrapper, options=foreign_options.read(found))


def load(row: tuple[Any, ...], _schema: str) -> ForeignServer:
    """Make a ForeignServer of a row of the catalog query."""
    wrapper, options = row
    return ForeignServer(wrapper=wrapper, options=foreign_options.load(options))


def spell(server: ForeignServer) -> dict[str, Any]:
    """What the contract says of a server."""
    options = {} if server.options is None else {"options": dict(server.options)}
    return {"wrapper": quoted(server.wrapper), **options}


def show(server: ForeignServer) -> str:
    """What follows the name in CREATE SERVER."""
    return f"foreign data wrapper {quoted(server.wrapper)}{foreign_options.clause(server.options)}"

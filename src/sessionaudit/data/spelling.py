"""Keys of rows, as the server spells them.

A key travels as text, spelled by the output function of its type; whether two keys are the same the server says,
which knows the type. The client compares them only where both were spelled by one session.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Sequence

    import psycopg

    from sessionaudit.connection import Connection
    from sessionaudit.data.query import Table

_SPECIAL = re.compile(r'["\\]')


def array(keys: Sequence[str]) -> str:
    """Keys as a literal of an array, for a parameter that is cast to the array's type."""
    body = '","'.join(keys)
    if "\\" in body or body.count('"') != 2 * max(len(keys) - 1, 0):
        body = '","'.join(_SPECIAL.sub(r"\\\g<0>", key) for key in keys)
    return f'{{"{body}"}}' if keys else "{}"


def texts(cursor: psycopg.Cursor[Any]) -> list[tuple[str | None, ...]]:
    """The rows of a result as the server spells them, whatever the types of their columns."""
    result = cursor.pgresult
    if result is None or not result.nfields:
        return []
    columns = range(result.nfields)
    get = result.get_value
    return [
        tuple(None if (value := get(row, column)) is None else value.decode() for column in columns)
        for row in range(result.ntuples)
    ]


def positions(cursor: psycopg.Cursor[Any]) -> list[int]:
    """The only column of a result, which holds the positions of keys."""
    return [row[0] for row in cursor]


def matching(connection: Connection, table: Table, keys: Sequence[str], others: Sequence[str]) -> dict[int, int]:
    """Which of the `others` are which of the `keys`, by value: the positions of both, from 0."""
    if not keys or not others:
        return {}
    asked = (
        f"select (o.n - 1)::int, (k.n - 1)::int from pg_catalog.unnest(%(others)s::{table.type}[])"
        f" with ordinality as o (key, n) join pg_catalog.unnest(%(keys)s::{table.type}[])"
        f" with ordinality as k (key, n) on o.key {table.equal} k.key"
    )
    return dict(connection.execute(asked.encode(), {"keys": array(keys), "others": array(others)}).fetchall())

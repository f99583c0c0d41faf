"""A value that is written is judged as a write fares that is sent as PostgREST sends it."""

from __future__ import annotations

import json
from contextlib import closing
from typing import TYPE_CHECKING

import psycopg

from caserunner import make_roles
from code_requests import table
from codecases import CASES
from sessionaudit.audits.code.judge import judge
from sessionaudit.audits.code.schema_cache.reading import read_cache
from sessionaudit.postgres.connection import connect

if TYPE_CHECKING:
    from conftest import Template
    from servers import DatabaseServer
    from sessionaudit.postgres.connection import Connection

SCHEMA = (CASES / "violation_inputs" / "actual.sql").read_text(encoding="utf-8")
VALUES: dict[str, tuple[object, ...]] = {
    "price": (999.99, 999.994, 999.995, 1000, "1e2", "1e9", -1000, "x", 0),
    "minutes": (32767, 32768, -32768, 1.5, "7"),
    "code": ("a", "abcd", "abcd ", "abcde", 1234, 12345),
    "flags": ("101", "10", "1011", 101),
    "rank": (1, 5, 0, 6, "3", None),
    "top": (3, 4, 5, 6, None),
    "ranks": ([], [1], [1, None], [0], "{1,9}", None),
    "handle": ("ann", "Ann", "abcdefgh", "abcdefghi", "abcdefgh ", None),
    "place": ({"city": "Rome"}, {"city": "San Francisco"}, {"floor": 40000}, {"floor": None}, {"hall": 1}, None),
    "note": ("x", 5, True, {"a": 1}, [1, "x"]),
}
# What PostgREST reads without its length.
WITHOUT_LENGTH = {"bit": "bit varying", "character": "character varying"}


def test_what_a_write_does(server: DatabaseServer, template: Template) -> None:
    make_roles(server.url)
    url = server.create(template("inputs", [SCHEMA]))
    told, done = {}, {}
    with closing(connect(url)) as connection:
        connection.execute("begin")
        cache = read_cache(connection, ["public"])
        columns = cache.relations["public", "offers"].columns
        for name, values in VALUES.items():
            read_as = WITHOUT_LENGTH.get(columns[name].json_type, columns[name].json_type)
            for value in values:
                (request,) = [table("offers").insert({name: value}).request()]
                found = judge(connection, [request], cache).verdicts
                told[name, str(value)] = found[0].state if found else ""
                done[name, str(value)] = written(connection, name, read_as, value)
    server.drop(url)
    assert told == done


def written(connection: Connection, name: str, read_as: str, value: object) -> str:
    """The code with which a row is refused; "" if it is not."""
    connection.execute("savepoint one")
    try:
        connection.execute(
            f"insert into public.offers ({name}) select {name}"
            f" from json_to_record(%s) as _ ({name} {read_as})".encode(),
            [json.dumps({name: value})],
        )
    except psycopg.Error as error:
        return error.sqlstate or ""
    finally:
        connection.execute("rollback to savepoint one")
    return ""

"""Roles with few rights for the tests of the doctor, and what it says of them."""

from __future__ import annotations

import contextlib
import json
from typing import TYPE_CHECKING, Any, NamedTuple
from urllib.parse import quote, urlsplit

from psycopg import sql

from calls import call
from servers import connect

if TYPE_CHECKING:
    from collections.abc import Generator
    from pathlib import Path

PASSWORD = "hidden'word"


class Examined(NamedTuple):
    """A page for programs."""

    code: int
    page: dict[str, Any]

    def remarks(self, *weights: str) -> dict[str, dict[str, Any]]:
        """The remarks by their names."""
        return {one["name"]: one for one in self.page["remarks"] if not weights or one["weight"] in weights}

    @property
    def lacking(self) -> dict[str, dict[str, Any]]:
        return self.remarks("lack")

    @property
    def not_ready(self) -> set[str]:
        """The commands that lack something."""
        return {name for name, state in self.page["commands"].items() if not state["ready"]}


def examined(url: str, cwd: Path, *words: str, **variables: str) -> Examined:
    said = call("doctor", "-d", url, "--format", "json", *words, cwd=cwd, **variables)
    assert "hidden" not in said.out + said.err
    assert said.code in {0, 1, 3}, said.err
    return Examined(said.code, json.loads(said.out))


@contextlib.contextmanager
def role_of(url: str, name: str) -> Generator[str]:
    """Yield the URL of a role of this name that may connect, and nothing else; it is dropped with its grants."""
    quoted = sql.Identifier(name)
    with connect(url) as connection:
        connection.execute(sql.SQL("drop role if exists {}").format(quoted))
        connection.execute(sql.SQL("create role {} login password {}").format(quoted, sql.Literal(PASSWORD)))
        try:
            parts = urlsplit(url)
            account = f"{quote(name, safe='')}:{quote(PASSWORD, safe='')}"
            yield parts._replace(netloc=f"{account}@{parts.netloc.rpartition('@')[2]}").geturl()
        finally:
            connection.execute(sql.SQL("reassign owned by {0} to current_user").format(quoted))
            connection.execute(sql.SQL("drop owned by {0}").format(quoted))
            connection.execute(sql.SQL("drop role {0}").format(quoted))

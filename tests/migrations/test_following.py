"""What is read after each change is what the whole database has, and what is told to have changed is the difference."""

from __future__ import annotations

from contextlib import closing
from random import Random
from typing import TYPE_CHECKING, Any

import psycopg
import pytest

import schema_pairs
from happenings import HAPPENINGS, happening
from sessionaudit.audits.migrations.history import LOG, OWN_SCHEMA, is_ours
from sessionaudit.embedded.replay import Replay, replaying
from sessionaudit.postgres.catalog_change import compared
from sessionaudit.postgres.connection import connect
from sessionaudit.postgres.following import CatalogFollower
from sessionaudit.postgres.known_rows import CatalogEvent

if TYPE_CHECKING:
    from collections.abc import Generator, Sequence

Plain = psycopg.Connection[tuple[Any, ...]]
BEFORE = (
    "create schema second",
    "create function f_x() returns int language sql as 'select 1'",
    "create view seen as select 1 as x",
)
NOTED = b"select 0, tag, class, coalesce(object, 0), sub, dropped from sessionaudit_replay.noted"


class Followed:
    """A database that is followed, and the role that changes it."""

    def __init__(self, replay: Replay, user: Plain, inside: Plain) -> None:
        self._user, self._inside, self._url = user, inside, replay.superuser_url
        self._whole, self._parts = connect(self._url), connect(self._url)
        self._follower = CatalogFollower(self._whole, self._parts, without={OWN_SCHEMA}, hidden=is_ours)
        self.ran: list[str] = []

    def __enter__(self) -> Followed:
        return self

    def __exit__(self, *_: object) -> None:
        self._whole.close()
        self._parts.close()

    def run(self, statement: str) -> bool:
        try:
            with self._user.transaction():
                self._user.execute(statement.encode())
        except psycopg.Error:
            return False
        self.ran.append(statement)
        return True

    def happen(self, chance: Random, template: str = "") -> bool:
        statement = happening(self._user, chance, template)
        return statement is not None and self.run(statement)

    def check(self) -> None:
        """Read on, and hold it against what a whole reading finds."""
        events = [CatalogEvent._make(row) for row in self._inside.execute(NOTED)]
        self._inside.execute("delete from sessionaudit_replay.noted")
        before = {kind: dict(models) for kind, models in self._follower.objects.items()}
        change = self._follower.follow(events)
        with closing(connect(self._url)) as parts:
            whole = CatalogFollower(self._whole, parts, without={OWN_SCHEMA}, hidden=is_ours)
        told = "\n".join(self.ran)
        assert self._follower.objects == whole.objects, told
        difference = compared(before, whole.objects)
        assert (change.added, change.changed, change.dropped) == (
            difference.added,
            difference.changed,
            difference.dropped,
        ), told
        self.ran.clear()


def made(replay: Replay, statements: Sequence[str]) -> Generator[Followed]:
    with (
        closing(psycopg.connect(replay.superuser_url, autocommit=True)) as inside,
        closing(psycopg.connect(replay.url, autocommit=True)) as user,
    ):
        for statement in ("create role app", "create role other", "grant app, other to postgres with admin option"):
            inside.execute(statement)
        inside.execute(LOG)
        with Followed(replay, user, inside) as followed:
            for place in range(0, len(statements), 25):
                for statement in statements[place : place + 25]:
                    followed.run(statement)
                followed.check()
            yield followed


@pytest.mark.parametrize("seed", [1, *(pytest.param(seed, marks=pytest.mark.thorough) for seed in range(2, 8))])
def test_what_is_read_in_parts_is_what_there_is(seed: int) -> None:
    chance = Random(seed)
    pair = schema_pairs.pair(chance, most=3)
    with replaying("followed") as replay:
        for followed in made(replay, [*BEFORE, *pair.wanted]):
            for _ in range(10):
                for _ in range(chance.choice((1, 2, 4, 8))):
                    followed.happen(chance)
                followed.check()


@pytest.mark.thorough
@pytest.mark.parametrize("part", range(10))
def test_every_happening_is_followed_by_itself(part: int) -> None:
    chance = Random(part)
    pair = schema_pairs.pair(chance, most=2)
    with replaying("followed") as replay:
        for followed in made(replay, [*BEFORE, *pair.wanted]):
            for template in HAPPENINGS[part::10]:
                if any(followed.happen(chance, template) for _ in range(3)):
                    followed.check()

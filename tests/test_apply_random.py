"""`repair --apply` killed at random moments while clients write: the same command finishes, and no row is lost.

Its brother `test_apply_killed.py` kills at each step on purpose; here nobody chooses.
"""

from __future__ import annotations

import random
import threading
import time
from contextlib import ExitStack
from typing import TYPE_CHECKING, Any

import psycopg
import pytest

from applying import APPLY
from killing import PATIENCE, WAYS, Moment, end_at, end_by_itself, show
from servers import connect

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from conftest import MakeDatabase, Template

KILLS = 3  # in a round
FEW, MANY = range(1), range(1, 22)
PETS = 4000
SQL = f"""
create table owners (id int primary key, name text);
create table pets (id int primary key, owner_id int, name text, chip text, weight int);
insert into owners select n, 'owner ' || n from generate_series(1, 3900) n;
insert into pets select n, n, 'pet ' || n, 'chip ' || n, n from generate_series(1, {PETS}) n;
create function heavy(int) returns int immutable language plpgsql as
$$ begin perform pg_sleep(0.0001); return $1; end $$;
create index pets_name_idx on pets (weight)"""
CONTRACT = """version: 1
tables:
  owners:
    columns: {id: int not null, name: text not null}
    constraints: {owners_pkey: primary key (id)}
    row_security: enabled
  pets:
    columns:
      id: int not null
      owner_id: int
      name: text not null
      chip: text not null
      weight: int
      colour: text not null default 'none'
    constraints:
      pets_pkey: primary key (id)
      pets_owner_id_fkey: {definition: foreign key (owner_id) references owners (id), repair: unlink.sql}
      pets_chip_key: unique (chip)
      pets_weight_check: check (weight >= 0)
    indexes:
      pets_heavy_idx: using btree (heavy(id))
      pets_owner_idx: using btree (owner_id)
"""
UNLINK = """
update public.pets p set owner_id = null
where p.id = any (%(keys)s::int[]) and not exists (select from public.owners o where o.id = p.owner_id)"""
STATEMENTS = ("alter table", "create index", "create unique index", "validate", "commit", "update", "unnest")
DISTURBANCES = (
    "analyze",
    "vacuum",
    "create index if not exists elsewhere on pets (name)",
    "drop index if exists elsewhere",
    "delete from pg_statistic where starelid = 'pets'::regclass",
    "delete from pets where id between 2000 and 2009",
    "alter table pets drop constraint if exists pets_weight_check",
)


class Client:
    """Somebody who adds pets, renames them and takes some away again; it knows what it committed."""

    def __init__(self, url: str, seed: int) -> None:
        self.url = url
        self.pets: dict[int, str | None] = {}
        self.error: BaseException | None = None
        self._random = random.Random(seed)
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run)

    def __enter__(self) -> Client:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join()

    def _run(self) -> None:
        try:
            with connect(self.url) as connection:
                while not self._stop.is_set():
                    self._step(connection)
                    self._stop.wait(self._random.random() * 0.01)
        except BaseException as error:
            self.error = error

    def _step(self, connection: psycopg.Connection[Any]) -> None:
        pet, name = 10_000 + self._random.randrange(100_000), f"name {self._random.random()}"
        known = self._random.choice([*self.pets, 0])
        try:
            if self._random.random() < 0.5:
                connection.execute(
                    "insert into pets (id, owner_id, name, chip, weight) values (%s, %s, %s, %s, 1)",
                    (pet, self._random.randrange(1, 3900), name, name),
                )
                self.pets[pet] = name
            elif self._random.random() < 0.7:
                if connection.execute("update pets set name = %s where id = %s returning id", (name, known)).fetchone():
                    self.pets[known] = name
            elif connection.execute("delete from pets where id = %s returning id", (known,)).fetchone():
                self.pets[known] = None
        except (psycopg.errors.UniqueViolation, psycopg.errors.DeadlockDetected):
            return


def moment(chance: random.Random) -> Moment:
    match chance.choice(("early", "journal", "statement", "statement")):
        case "early":
            return Moment("early", round(chance.random() * 2.5, 3))
        case "journal":
            return Moment("journal", chance.choice((1, 300, 1000, 2000, 4000)))
        case _:
            return Moment("statement", chance.choice(STATEMENTS))


def rows(url: str, asked: str) -> list[Any]:
    with connect(url) as connection:
        return connection.execute(asked.encode()).fetchall()


def verify(url: str, client: Client, gone: set[int]) -> None:
    assert rows(url, "select indexrelid::regclass::text from pg_index where not indisvalid") == []
    assert rows(url, "select conname from pg_constraint where not convalidated") == []
    there = {row[0]: row[1:] for row in rows(url, "select id, owner_id, name, chip, weight, colour from pets")}
    wanted = {
        pet: (pet if pet <= 3900 else None, f"pet {pet}", f"chip {pet}", pet, "none")
        for pet in range(1, PETS + 1)
        if pet not in gone
    }
    assert {pet: there.get(pet) for pet in wanted} == wanted
    names = {pet: there[pet][1] if pet in there else None for pet in client.pets}
    assert names == client.pets
    assert there.keys() == wanted.keys() | {pet for pet, name in client.pets.items() if name is not None}


@pytest.mark.thorough
@pytest.mark.parametrize("seed", [*FEW, *(pytest.param(seed, marks=pytest.mark.slow) for seed in MANY)])
def test_after_any_kill_the_same_repair_finishes(
    template: Template, make_database: MakeDatabase, tmp_path: Path, seed: int, record_property: Any
) -> None:
    chance = random.Random(seed)
    url = make_database(template("many_pets", [SQL]))
    (tmp_path / "c.yaml").write_text(CONTRACT, encoding="utf-8")
    (tmp_path / "unlink.sql").write_text(UNLINK, encoding="utf-8")
    call: Sequence[str] = [*APPLY, "-c", "c.yaml"]
    schedule, gone, kills = [f"seed {seed}"], set[int](), 0
    client = Client(url, seed)

    def size() -> int:
        return sum(log.stat().st_size for log in tmp_path.glob("log*"))

    try:
        with ExitStack() as stack:
            if chance.random() < 0.7:
                stack.enter_context(client)
            for number in range(KILLS):
                when, way = moment(chance), chance.choice(WAYS)
                ended = end_at([*call, "--log", f"log{number}"], url, tmp_path, when=when, way=way, size=size)
                kills += ended.killed
                schedule += [f"{way} at {when}: {ended.killed}, {ended.code}", ended.out, ended.err]
                assert "bug in sessionaudit" not in ended.err
                statement = chance.choice(DISTURBANCES)
                schedule.append(statement)
                gone |= set(range(2000, 2010)) if statement.startswith("delete from pets") else set()
                with connect(url) as connection:
                    connection.execute(statement.encode())
            ended = end_by_itself(call, url, tmp_path)
            schedule += [ended.out, ended.err]
            until = time.monotonic() + PATIENCE
            # What the server was told before it noticed goes on there, and nobody else may begin.
            while "another sessionaudit" in ended.err and time.monotonic() < until:
                ended = end_by_itself(call, url, tmp_path)
                schedule += [ended.out, ended.err]
            assert ended.code == 0
        if client.error:
            raise client.error
        check = end_by_itself(["check", "-c", "c.yaml", "--only", "schema"], url, tmp_path)
        schedule += [check.out, check.err]
        assert check.code == 0
        verify(url, client, gone)
    except BaseException as error:
        error.add_note("\n".join(schedule))
        raise
    record_property("kills", kills)
    show(f"repair{seed}", [*schedule, f"kills: {kills}"])

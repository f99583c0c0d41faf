"""The application at work while rows are mended: its own flow, from several connections, in random order."""

from __future__ import annotations

import json
import random
import threading
import time
from typing import TYPE_CHECKING, Any

import psycopg
import pytest

import shop
from rounds import Round
from rows import image, run
from servers import connect

if TYPE_CHECKING:
    from pathlib import Path

    from conftest import MakeDatabase, Template

CUSTOMERS = 40
LINK = "metadata ->> 'session_id'"


class Application:
    """Clients that do what the application does, one statement a transaction, as PostgREST does.

    `swallows` is the chance that making the request fails and nobody hears of it.
    """

    def __init__(self, url: str, seed: int, *, swallows: float) -> None:
        self._url = url
        self._random = random.Random(seed)
        self._swallows = swallows
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run)
        self.error: BaseException | None = None

    def __enter__(self) -> Application:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join()

    def _run(self) -> None:
        try:
            with connect(self._url) as connection:
                customers = [
                    row[0] for row in connection.execute("select id from auth.users where email like 'c%%@flow'")
                ]
                while not self._stop.is_set():
                    self._step(connection, self._random.choice(customers))
        except BaseException as error:
            self.error = error

    def _step(self, connection: psycopg.Connection[Any], customer: Any) -> None:
        if self._random.random() < 0.2:
            self._cancel(connection, customer)
            return
        # What a customer made an hour ago: so that the time of grace does not keep the two apart.
        age = "1 hour" if self._random.random() < self._swallows else "0"
        try:
            row = connection.execute(
                """insert into public.sessions (plan, type, status, stripe_session_id, customer_user_id, created_at)
                   values ('free', 'chat', 'pending', gen_random_uuid()::text, %s, now() - %s::interval)
                   returning id""",
                (customer, age),
            ).fetchone()
        except psycopg.errors.UniqueViolation:  # one session at a time
            return
        assert row is not None
        connection.execute(
            "insert into public.session_participants (session_id, user_id, role) values (%s, %s, 'customer')",
            (row[0], customer),
        )
        if age != "0":
            return  # the request failed, and the failure was swallowed
        connection.execute(
            """update public.session_requests set status = 'cancelled'
               where customer_id = %s and status = 'pending' and mechanic_id is null""",
            (customer,),
        )
        time.sleep(self._random.random() * 0.01)
        connection.execute(
            """insert into public.session_requests (customer_id, session_type, plan_code, metadata)
               values (%s, 'chat', 'free', jsonb_build_object('session_id', %s::uuid))""",
            (customer, row[0]),
        )

    def _cancel(self, connection: psycopg.Connection[Any], customer: Any) -> None:
        connection.execute(
            "update public.sessions set status = 'cancelled' where customer_user_id = %s and status = 'pending'",
            (customer,),
        )


@pytest.mark.thorough
@pytest.mark.parametrize("seed", [0, *(pytest.param(seed, marks=pytest.mark.slow) for seed in range(1, 3))])
def test_at_the_end_each_session_has_exactly_one_live_request(mended: str, tmp_path: Path, seed: int) -> None:
    with connect(mended) as connection:
        connection.execute(
            """insert into auth.users (id, email)
               select gen_random_uuid(), 'c' || n || '@flow' from generate_series(1, %s) n""",
            (CUSTOMERS,),
        )
    untouched = {table: set(rows) for table, rows in image(mended).items()}
    clients = [Application(mended, seed * 10 + number, swallows=0.4) for number in range(3)]
    with clients[0], clients[1], clients[2]:
        for turn in range(2):
            jobs = str(1 + turn % 2)
            arguments = ("backfill", "--all", "--yes", "--invariant", "session_has_request", "--jobs", jobs)
            result = run(*arguments, url=mended, cwd=tmp_path)
            assert result.returncode in {0, 1}, result.stderr  # new ones come while it counts
    for client in clients:
        if client.error:
            raise client.error
    result = run("backfill", "--all", "--yes", "--invariant", "session_has_request", url=mended, cwd=tmp_path)
    assert result.returncode == 0, result.stderr
    with connect(mended) as connection:
        made = connection.execute("select count(*) from public.session_requests where metadata ? 'backfill'").fetchone()
        wrong = connection.execute(
            f"""select s.id, count(r.id) from public.sessions s
                join auth.users u on u.id = s.customer_user_id and u.email like 'c%@flow'
                left join public.session_requests r on r.{LINK} = s.id::text and r.status <> 'cancelled'
                where s.status = 'pending' group by s.id having count(r.id) <> 1""".encode()
        ).fetchall()
        double = connection.execute(
            f"""select {LINK}, count(*) from public.session_requests
                where {LINK} is not null group by 1 having count(*) > 1""".encode()
        ).fetchall()
    assert made is not None
    assert made[0] > 10
    assert (wrong, double) == ([], [])
    for table, rows in image(mended).items():
        assert untouched[table] <= set(rows), f"rows of {table} were changed or lost"


def test_the_flow_alone_keeps_the_promise(mended: str, tmp_path: Path) -> None:
    """Else the property above would prove nothing about us."""
    with connect(mended) as connection:
        connection.execute(
            """insert into auth.users (id, email)
               select gen_random_uuid(), 'c' || n || '@flow' from generate_series(1, 5) n"""
        )
    with Application(mended, 1, swallows=0) as client:
        time.sleep(1)
    assert client.error is None
    result = run("check", "--only", "session_has_request", "--format", "json", url=mended)
    actual = json.loads(result.stdout)["findings"][0]["actual"]
    assert actual.startswith("3 rows: ")  # the demo's own


@pytest.mark.thorough
@pytest.mark.parametrize("seed", [0, *(pytest.param(seed, marks=pytest.mark.slow) for seed in range(1, 8))])
def test_with_parts_children_upserts_and_kills_nothing_is_lost_or_doubled(
    template: Template, make_database: MakeDatabase, tmp_path: Path, seed: int
) -> None:
    """The shop's clients write into parts of parts, add children to our rows and take rows away, all the while."""
    chance = random.Random(seed)
    this = Round(make_database(template("shop", shop.texts())), tmp_path, seed, chance)
    clients = [shop.Client(this.url, number, seed * 10 + number) for number in range(shop.CLIENTS)]
    words = ["backfill", "-c", "shop.yaml", "--format", "json", "--all", "--yes", "--journal", "j.jsonl"]
    try:
        with clients[0], clients[1]:
            for turn in range(2):
                call = [*words, "--jobs", str(1 + turn), "--target", "0.005"]
                this.kill(call)
                this.disturb()
                assert this.run(call).code in {0, 1, 3}  # new ones come while it counts, and transactions stay open
                this.disturb()
        for client in clients:
            if client.error:
                raise client.error
        this.mend_all()
        this.verify([client.log for client in clients])
    except BaseException as error:
        error.add_note("\n".join(this.schedule))
        raise

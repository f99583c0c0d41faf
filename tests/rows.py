"""The demo's system for tests of rows: its databases, its contract, and the application's own flow."""

from __future__ import annotations

import contextlib
import json
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import inside
import program
from servers import connect
from sessionaudit.audits import runner
from sessionaudit.backfill import row_repair as repairs
from sessionaudit.demo import system

if TYPE_CHECKING:
    import subprocess
    from collections.abc import Callable

    import psycopg

    from sessionaudit.backfill.row_repair import Repair
    from sessionaudit.contract.model import Contract

TOP = Path(__file__).parents[1]
CONTRACT = TOP / "expected_schema.yaml"
MENDED = [*system.statements(system.BROKEN), (TOP / "tests" / "data" / "mended.sql").read_text(encoding="utf-8")]

STUCK = "62e91166-c36b-4bd5-bc51-5b168f1bd176"
MARIA = "f4d90392-118c-4738-ab16-94689f039f2a"
TOMS = "47dd50a9-9898-4f40-b198-908c234b8f93"
LENAS = "2823885f-eab9-40b7-9393-28618962a807"
AISHAS = "42a82365-0692-426f-b63a-c76103d4cbaf"
VISITORS = "0046ad0f-4acc-4a50-ba22-d563a8cffbe9"
COMPLETED = "5ce7d014-8318-422d-ae5f-ef47b3940dfe"
NOBODYS = "00000000-0000-4000-8000-000000000000"
TABLES = ("intakes", "mechanics", "profiles", "sessions", "session_participants", "session_requests")


def run(
    *arguments: str, url: str, cwd: Path = TOP, stdin: str | None = None, **environment: str
) -> subprocess.CompletedProcess[str]:
    """What the program does and says."""
    options = process(url, cwd, environment)
    return inside.run(command(*arguments), env=options["env"], cwd=cwd, text=stdin or "")


def start(*arguments: str, url: str, cwd: Path = TOP, **environment: str) -> program.Process:
    """The same, left running."""
    options = process(url, cwd, environment)
    return program.Process(command(*arguments), env=options["env"], cwd=cwd)


def command(*arguments: str) -> list[str]:
    return [sys.executable, "-m", "sessionaudit", *arguments]


def process(url: str, cwd: Path, environment: dict[str, str]) -> dict[str, Any]:
    clean = {name: value for name, value in os.environ.items() if not name.startswith(("PG", "SESSIONAUDIT_CONTRACT"))}
    given = {"SESSIONAUDIT_CONTRACT": str(CONTRACT), "DATABASE_URL": url, "SESSIONAUDIT_DEBUG": "1"}
    return {"env": {**clean, **given, **environment}, "cwd": cwd, "capture_output": True, "text": True}


def loaded(connection: psycopg.Connection[Any], contract: Contract, name: str, *, keep_older: bool = False) -> Repair:
    """The repair of an invariant."""
    invariant = next(one for one in contract.invariants if one.name == name)
    return repairs.load(connection, contract, invariant, keep_older=keep_older)


class Heard:
    """A listener of every session over rows: it agrees to what it is asked, or not, and keeps the names of events."""

    def __init__(self, *, agrees: bool = True) -> None:
        self.agrees = agrees
        self.events: list[str] = []

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_"):
            raise AttributeError(name)
        return lambda *_: self.events.append(name)

    def confirmed(self) -> bool:
        self.events.append("confirmed")
        return self.agrees

    def running(self, _work: object) -> Any:
        self.events.append("running")
        return contextlib.nullcontext()


def findings(url: str, contract: Path = CONTRACT) -> dict[str, str | None]:
    """What the rows have to say: the invariants that do not hold, with the rows that break them."""
    report = runner.run(url, contract, runner.Options(only=("data",)))
    assert not report.skipped, report.skipped
    return {finding.ref.name: finding.actual for finding in report.findings}


def image(url: str, *, without: tuple[str, ...] = ()) -> dict[str, list[str]]:
    """Every row of the system, as text."""
    take = "".join(f" - '{column}'" for column in without)
    with connect(url) as connection:
        return {
            table: [
                json.dumps(row[0], sort_keys=True)
                for row in connection.execute(f"select to_jsonb(t){take} from public.{table} t order by 1".encode())
            ]
            for table in TABLES
        }


def wait_until(true: Callable[[], bool], seconds: float = 30) -> None:
    """Wait for something to become true, or fail."""
    import time

    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end, "it never came about"
        time.sleep(0.01)


def orphans(url: str, number: int, *, age: str = "1 hour") -> None:
    """Make as many customers who wait, each with a session and none with a request."""
    with connect(url) as connection, connection.transaction():
        connection.execute(
            """create temp table made on commit drop as
               select gen_random_uuid() as customer, gen_random_uuid() as session, n
               from generate_series(1, %s) n""",
            (number,),
        )
        connection.execute("insert into auth.users (id, email) select customer, n || '@example.com' from made")
        connection.execute("insert into public.profiles (id, full_name) select customer, 'Customer ' || n from made")
        connection.execute(
            """insert into public.sessions (id, created_at, plan, type, status, stripe_session_id, customer_user_id)
               select session, now() - %s::interval, 'free', 'chat', 'pending', 'o_' || session, customer from made""",
            (age,),
        )
        connection.execute(
            """insert into public.session_participants (session_id, user_id, role)
               select session, customer, 'customer' from made"""
        )

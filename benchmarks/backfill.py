"""The benchmark of mending rows: `python -m benchmarks.backfill`.

One million sessions, half of them without a request. `backfill --all` races one single INSERT … SELECT of the same
rows, in copies of one database, while a client inserts requests at a steady pace. Ratios within one run count.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import re
import subprocess
import sys
import tempfile
import time
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING, NamedTuple

import psycopg

from benchmarks.aims import Aim, Line, markdown
from benchmarks.measure import Contestant, Outcome, WrongError
from benchmarks.server import Host, running_host
from sessionaudit.audits.data import queries
from sessionaudit.audits.data.catalogs import tables
from sessionaudit.contract.loader import load
from sessionaudit.demo import system

if TYPE_CHECKING:
    from collections.abc import Generator

TOP = Path(__file__).parents[1]
REPAIR = TOP / "repairs" / "missing_session_request.sql"
INVARIANT = "session_has_request"
PACE = 200  # inserts a second
ONE_JOB = Aim(0.7, least=True)
TWO_JOBS = Aim(1.2, least=True)
LATENCY = Aim(3)
_ALONE = 10.0  # seconds
_DATA = (
    """insert into auth.users (id, email, created_at)
       select gen_random_uuid(), 'user' || n || '@example.com', now() - interval '1 day'
       from generate_series(1, {sessions}) n""",
    "insert into public.profiles (id, full_name, email) select id, 'Name', email from auth.users",
    """insert into public.sessions (plan, type, status, stripe_session_id, customer_user_id, created_at, metadata)
       select 'free', 'chat', 'pending', 's' || row_number() over (), id, now() - interval '1 day',
         '{{"urgent": false}}'
       from auth.users""",
    """insert into public.session_participants (session_id, user_id, role)
       select id, customer_user_id, 'customer' from public.sessions""",
    """insert into public.session_requests (customer_id, session_type, plan_code, customer_name, metadata, created_at)
       select customer_user_id, type, plan, 'Name', jsonb_build_object('session_id', id), created_at
       from public.sessions order by stripe_session_id limit {requests}""",
    "vacuum (analyze)",
    "checkpoint",
)
_WRITER = """
import json, os, sys, time
import psycopg
url, seconds, pace, out = sys.argv[1], float(sys.argv[2]), float(sys.argv[3]), sys.argv[4]
insert = '''insert into public.session_requests (customer_id, session_type, plan_code, metadata)
  values (%s, 'chat', 'free', jsonb_build_object('session_id', gen_random_uuid()))'''
with psycopg.connect(url, autocommit=True, prepare_threshold=None) as connection:
    customer = connection.execute('select id from auth.users limit 1').fetchone()[0]
    taken, start = [], time.perf_counter()
    while time.perf_counter() - start < seconds and not (len(taken) % 20 == 0 and os.path.exists(out + '.stop')):
        due = start + len(taken) / pace
        time.sleep(max(due - time.perf_counter(), 0))
        before = time.perf_counter()
        connection.execute(insert, (customer,))
        taken.append(time.perf_counter() - before)
open(out, 'w').write(json.dumps(taken))
"""


class Race(NamedTuple):
    """One contestant's run: seconds, rows, the writer's 99th percentile in milliseconds, peak memory in MiB."""

    seconds: float
    rows: int
    p99: float
    peak: float = 0.0

    @property
    def rate(self) -> float:
        """Rows a second."""
        return self.rows / self.seconds


def main() -> int:
    """Measure, and print the result; 1 when something measured did not do its work."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.backfill", description="Measure how fast rows mend.")
    parser.add_argument("--sessions", type=int, default=1_000_000, metavar="N", help="sessions; half have no request")
    parser.add_argument("--repeats", type=int, default=3, metavar="N", help="measured runs of each")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="sessionaudit-bench-") as folder, running_host() as host:
        bench = Bench(host, Path(folder), asked.sessions, asked.repeats)
        try:
            lines = bench.run()
        except WrongError as error:
            sys.stderr.write(f"error: {error}\n")
            return 1
        sys.stdout.write(f"{bench.about()}\n\n{markdown(lines)}")
    return 0


class Bench:
    """One run of the benchmark on one server."""

    def __init__(self, host: Host, folder: Path, sessions: int, repeats: int) -> None:
        self._host = host
        self._folder = folder
        self._sessions = sessions
        self._orphans = sessions // 2
        self._repeats = repeats

    def about(self) -> str:
        """What was measured on; a machine is told by its size alone."""
        memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 1024**3
        return (
            f"{datetime.now(UTC):%Y-%m-%d}: {os.cpu_count()} cores, {memory:.0f} GiB, "
            f"PostgreSQL {self._host.server.version}, Python {platform.python_version()}. "
            f"{self._sessions:,} sessions, {self._orphans:,} of them without a request; medians of {self._repeats} "
            f"runs in turns. Another client inserts {PACE} requests a second."
        )

    def run(self) -> list[Line]:
        """Measure all."""
        self._execute("postgres", "create database origin")
        for part in ("platform", "system"):
            self._execute("origin", *system.statements((part,)))
        filled = [text.format(sessions=self._sessions, requests=self._sessions - self._orphans) for text in _DATA]
        self._execute("origin", *filled)
        alone = [self._alone() for _ in range(self._repeats)]
        single: list[Race] = []
        one: list[Race] = []
        two: list[Race] = []
        for _ in range(self._repeats):
            single.append(self._single())
            one.append(self._backfill(1))
            two.append(self._backfill(2))
        return [
            *self._rates(single, one, two),
            *self._latencies(median(alone), single, one, two),
            self._memory(one),
            self._check(),
        ]

    def _rates(self, single: list[Race], one: list[Race], two: list[Race]) -> list[Line]:
        base = median(race.rate for race in single)
        lines: list[Line] = []
        for name, races, aim in (("backfill --all", one, ONE_JOB), ("backfill --all --jobs 2", two, TWO_JOBS)):
            ratio = median(a.rate / b.rate for a, b in zip(races, single, strict=True))
            rate = median(race.rate for race in races)
            lines.append(self._line(name, f"{rate:,.0f}/s", "one INSERT … SELECT", f"{base:,.0f}/s", ratio, aim))
        return lines

    def _latencies(self, alone: float, single: list[Race], one: list[Race], two: list[Race]) -> list[Line]:
        lines: list[Line] = []
        for name, races, aim in (
            ("p99 beside backfill --all", one, LATENCY),
            ("p99 beside --jobs 2", two, None),
            ("p99 beside one INSERT … SELECT", single, None),
        ):
            p99 = median(race.p99 for race in races)
            lines.append(self._line(name, f"{p99:.2f} ms", "alone", f"{alone:.2f} ms", p99 / alone, aim))
        return lines

    def _memory(self, one: list[Race]) -> Line:
        peak = max(race.peak for race in one)
        return self._line("memory of the client", f"{peak:.0f} MiB", "", "", peak, None)

    def _line(self, what: str, value: str, against: str, other: str, factor: float, aim: Aim | None) -> Line:
        return Line(
            tables=f"{self._sessions:,}",
            what=what,
            value=value,
            against=against,
            other=other,
            factor=f"{factor:.2f}",
            measured=factor,
            aim=aim,
        )

    # The contestants

    def _alone(self) -> float:
        with self._copy() as database, self._writer(database) as taken:
            time.sleep(_ALONE)
        return _p99(taken)

    def _single(self) -> Race:
        text = re.sub(r"s\.id = any \(%\(keys\)s::uuid\[\]\)", "true", REPAIR.read_text(encoding="utf-8"))
        text = text[: text.rindex("returning")]
        with self._copy() as database:
            with self._writer(database) as taken:
                start = time.perf_counter()
                self._execute(database, text)
                seconds = time.perf_counter() - start
            self._verify(database)
        return Race(seconds, self._orphans, _p99(taken))

    def _backfill(self, jobs: int) -> Race:
        journal = self._folder / f"journal-{time.time_ns()}.jsonl"
        with self._copy() as database:
            command = [sys.executable, "-m", "sessionaudit", "backfill", "--all", "--yes", "--invariant", INVARIANT]
            # The single statement makes the rows and no more; so do we.
            command += ["--jobs", str(jobs), "--journal", str(journal), "--format", "json", "--keep-older"]
            command += ["--contract", str(TOP / "expected_schema.yaml")]
            environment = {"DATABASE_URL": self._host.url(database)}
            contestant = Contestant("backfill", command, environment, lambda outcome: outcome.code == 0)
            with self._writer(database) as taken:
                outcome: Outcome = contestant.run(self._folder)
            told = json.loads(outcome.out)["invariants"][0]
            if told["made"] != self._orphans:
                raise WrongError(f"backfill made {told['made']} rows of {self._orphans}")
            self._verify(database)
        journal.unlink()
        whole = f"{told['seconds']} s of {outcome.seconds:.1f} s, {told['batches']} batches"
        sys.stderr.write(f"backfill --jobs {jobs}: {whole}\n")
        return Race(told["seconds"], self._orphans, _p99(taken), outcome.peak)

    def _check(self) -> Line:
        """All invariants by `check`, against their own SQL, one after the other on one connection."""
        url = self._host.url("origin")
        contract = load(TOP / "expected_schema.yaml")
        command = [sys.executable, "-m", "sessionaudit", "check", "--only", "data", "--fail-on", "never"]
        command += ["--contract", str(TOP / "expected_schema.yaml"), "--quiet"]
        checking = Contestant("check", command, {"DATABASE_URL": url}, lambda outcome: outcome.code == 0)
        ours, bare = [], []
        with psycopg.connect(url, autocommit=True) as connection:
            known = tables(connection, [path for one in contract.invariants for path in _paths(one)])
            connection.execute("set search_path to public")
            for _ in range(self._repeats + 1):
                ours.append(checking.run(self._folder).seconds)
                start = time.perf_counter()
                for invariant in contract.invariants:
                    connection.execute(
                        queries.count(invariant, known[invariant.each.path]).spelled(parameters=False)
                    ).fetchone()
                bare.append(time.perf_counter() - start)
        ratio = median(a / b for a, b in zip(ours[1:], bare[1:], strict=True))
        return self._line(
            "check of all invariants",
            f"{median(ours[1:]):.2f} s",
            "their SQL",
            f"{median(bare[1:]):.2f} s",
            ratio,
            None,
        )

    # Around them

    @contextmanager
    def _copy(self) -> Generator[str]:
        name = f"copy{time.time_ns()}"
        strategy = "strategy file_copy" if int(self._host.server.version.split(".")[0]) >= 15 else ""
        self._execute("postgres", f"create database {name} template origin {strategy}", "checkpoint")
        try:
            yield name
        finally:
            self._execute("postgres", f"drop database {name} with (force)")

    @contextmanager
    def _writer(self, database: str) -> Generator[list[float]]:
        """A client that inserts at a steady pace; its latencies in seconds are there when the block ends."""
        out = self._folder / f"writer-{time.time_ns()}.json"
        taken: list[float] = []
        command = [sys.executable, "-c", _WRITER, self._host.url(database), "3600", str(PACE), str(out)]
        process = subprocess.Popen(command)
        time.sleep(1)
        try:
            yield taken
        finally:
            Path(f"{out}.stop").touch()
            process.wait(timeout=60)
        taken += json.loads(out.read_text(encoding="utf-8"))

    def _verify(self, database: str) -> None:
        """Raises WrongError unless every session has exactly one request."""
        with psycopg.connect(self._host.url(database)) as connection:
            row = connection.execute(
                """select count(*) from public.sessions s where 1 <> (
                     select count(*) from public.session_requests r where r.metadata ->> 'session_id' = s.id::text)"""
            ).fetchone()
        if row != (0,):
            raise WrongError(f"sessions without exactly one request: {row}")

    def _execute(self, database: str, *texts: str) -> None:
        with psycopg.connect(self._host.url(database), autocommit=True) as connection:
            for text in texts:
                connection.execute(text.encode())


def _paths(invariant: object) -> list[tuple[str, ...]]:
    found = [getattr(invariant, name) for name in ("each", "has")]
    return [rows.path for rows in found if rows is not None]


def _p99(taken: list[float]) -> float:
    """The 99th percentile, in milliseconds."""
    return sorted(taken)[int(len(taken) * 0.99)] * 1000


if __name__ == "__main__":
    sys.exit(main())

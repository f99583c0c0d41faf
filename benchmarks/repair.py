"""How long clients wait while a database is repaired: `python -m benchmarks.repair`.

The demo's broken system, its session requests filled to `--rows`, is mended while clients insert and read: by
`sessionaudit repair`, by the plain statements that one would type, and not at all. What counts is the longest wait of
a client. A way that does not mend what it should ends the benchmark instead of being timed.

The value that must go from an enum is a case of its own: PostgreSQL cannot take one out, so the type is made anew
and the table rewritten, while nobody can use it. `repair` leaves that alone unless it is allowed.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING

import psycopg

from benchmarks import aims
from benchmarks.aims import Line
from benchmarks.measure import Contestant, Outcome, WrongError
from benchmarks.naive import PLAIN, SWAP
from benchmarks.server import Host, running_host
from sessionaudit.audits import runner
from sessionaudit.demo import system

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

ROWS = 1_000_000
LOCK_TIMEOUT = 0.1
_TRAFFIC = Path(__file__).with_name("traffic.py")
# One request in ten was accepted, and holds the id of an account where a mechanic's belongs.
_FILL = """
set session_replication_role = replica;
insert into public.session_requests
  (created_at, customer_id, mechanic_id, session_type, plan_code, status, customer_name, notes)
select now() - n * interval '20 seconds',
       (array(select u.id from auth.users u order by u.id))[1 + n % 8],
       case when n % 10 = 0
         then (array(select m.id from public.mechanics m where m.user_id is not null))[1 + n / 10 % 2] end,
       'chat', 'free',
       (case when n % 10 = 0 then 'accepted' when n % 100 = 1 then 'pending' else 'cancelled' end)
         ::public.session_request_status,
       'Customer ' || n, repeat('It rattles. ', 5)
from generate_series(1, {rows}) n"""


@dataclass(frozen=True, slots=True)
class Wait:
    """The longest wait of a client in one run, whose it was, and how long the run took; in seconds."""

    longest: float
    whose: str
    seconds: float
    statements: int


@dataclass(slots=True)
class Way:
    """A way of mending, what it leaves unmended, and the runs so far."""

    name: str
    mend: Callable[[str], float]
    leaves: frozenset[str]
    waits: list[Wait] = field(default_factory=list)

    @property
    def longest(self) -> float:
        """The median of the longest waits."""
        return median(wait.longest for wait in self.waits)

    @property
    def seconds(self) -> float:
        """The median of the times that it took."""
        return median(wait.seconds for wait in self.waits)


def main() -> int:
    """Measure, and print the result; 1 when something measured did not do its work."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.repair", description="Measure how long clients wait while a database is repaired."
    )
    parser.add_argument("--rows", type=int, default=ROWS, metavar="N", help="session requests")
    parser.add_argument("--repeats", type=int, default=3, metavar="N", help="measured runs of each way")
    asked = parser.parse_args()
    if asked.rows < 1 or asked.repeats < 1:
        parser.error("rows and repeats are at least 1")
    with tempfile.TemporaryDirectory(prefix="sessionaudit-bench-") as folder, running_host() as host:
        bench = Bench(host, Path(folder), asked.rows)
        try:
            lines = bench.run(asked.repeats)
        except WrongError as error:
            sys.stderr.write(f"error: {error}\n")
            return 1
        sys.stdout.write(f"{bench.about(asked.repeats)}\n\n{aims.markdown(lines, 'rows')}")
        sys.stdout.writelines(f"\n{note}\n" for note in bench.notes)
    return 0


class Bench:
    """One run of the benchmark on one server."""

    def __init__(self, host: Host, folder: Path, rows: int) -> None:
        self.notes: list[str] = []
        self._host = host
        self._folder = folder
        self._rows = rows

    def about(self, repeats: int) -> str:
        """What was measured on; a machine is told by its size alone."""
        memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 1024**3
        return (
            f"{datetime.now(UTC):%Y-%m-%d}: {os.cpu_count()} cores, {memory:.0f} GiB, "
            f"PostgreSQL {self._host.server.version}, Python {platform.python_version()}. "
            f"The longest wait of a client in seconds, medians of {repeats} runs in turns; "
            f"the lock timeout is {LOCK_TIMEOUT:g} s."
        )

    def run(self, repeats: int) -> list[Line]:
        """Measure all. Raises WrongError."""
        _tell(f"{self._rows:,} rows …")
        system.create(self._host.server, "broken", system.GOOD)
        _execute(self._host.url("broken"), [_FILL.format(rows=self._rows), "vacuum (analyze)"])
        faults = system.statements(system.BROKEN)[len(system.GOOD) :]
        _execute(self._host.url("broken"), faults)

        enum = frozenset({"enum-values"})
        ours = Way("`repair`, no hazard allowed", self._repair(), enum)
        naive = Way("plain statements", lambda url: _execute(url, PLAIN), enum)
        swapped = Way("`repair --allow all`, the type made anew", self._repair("--allow", "all"), frozenset())
        naively = Way("plain statements, the type made anew", lambda url: _execute(url, [*PLAIN, SWAP]), frozenset())
        ways = (ours, naive, swapped, naively)
        nothing = Way("nothing", lambda _url: _idle(ours.seconds), frozenset())
        for turn in range(repeats):
            for way in (*ways, nothing):
                _tell(f"{turn + 1} of {repeats}: {way.name} …")
                way.waits.append(self._measured(way, verify=way is not nothing))
        self.notes += [_told(way) for way in (*ways, nothing)]
        return [
            self._against(ours, nothing),
            self._bounded(ours),
            self._against(naive, ours, aims.SHORTER),
            self._against(swapped, nothing),
            self._against(naively, swapped),
        ]

    # One run

    def _measured(self, way: Way, *, verify: bool) -> Wait:
        version = int(self._host.server.version.split(".")[0])
        strategy = "strategy file_copy" if version >= 15 else ""
        self._host.drop("run")
        _execute(self._host.url("postgres"), [f"create database run template broken {strategy}", "checkpoint"])
        url = self._host.url("run")
        command = [sys.executable, str(_TRAFFIC), url]
        with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as traffic:
            if traffic.stdout is None or traffic.stdout.readline() != "ready\n":
                raise WrongError("the clients could not begin")
            try:
                seconds = way.mend(url)
            except BaseException:
                traffic.kill()
                raise
            told = json.loads(traffic.communicate()[0])
        if told["failed"]:
            raise WrongError(f"{way.name}: statements of clients failed: {told['failed'][:3]}")
        if verify:
            self._verify(way, url)
        return Wait(told["longest"], told["whose"], seconds, told["statements"])

    def _repair(self, *more: str) -> Callable[[str], float]:
        script = Path(sys.executable).with_name("sessionaudit")
        program = [str(script)] if script.exists() else [sys.executable, "-m", "sessionaudit"]

        def mend(url: str) -> float:
            options = ["--apply", "--yes", "--with-data", "--before", str(self._folder / "before.yaml"), *more]
            command = [*program, "repair", "--contract", str(system.contract()), *options]
            return Contestant("`repair`", command, {"DATABASE_URL": url}, _done).run(self._folder).seconds

        return mend

    def _verify(self, way: Way, url: str) -> None:
        """Raise WrongError unless the schema is mended, but for what the way leaves."""
        report = runner.run(url, system.contract(), runner.Options(without=("data",)))
        found = {finding.rule.name for finding in report.findings}
        if found != way.leaves or report.skipped:
            raise WrongError(f"{way.name} left {sorted(found)}, and should leave {sorted(way.leaves)}")

    # The lines

    def _against(self, one: Way, other: Way, aim: aims.Aim | None = None) -> Line:
        """How many times as long clients waited for one as for the other."""
        times = median(a.longest / b.longest for a, b in zip(one.waits, other.waits, strict=True))
        return Line(
            tables=f"{self._rows:,}",
            what=one.name,
            value=f"{one.longest:.3f} s",
            against=other.name,
            other=f"{other.longest:.3f} s",
            factor=f"{times:.1f} times as long",
            measured=times,
            aim=aim,
        )

    def _bounded(self, one: Way) -> Line:
        worst = max(wait.longest for wait in one.waits)
        return Line(
            tables=f"{self._rows:,}",
            what=f"{one.name}, worst of all runs",
            value=f"{worst:.3f} s",
            against="the lock timeout",
            other=f"{LOCK_TIMEOUT:.3f} s",
            factor=f"{worst / LOCK_TIMEOUT:.2f}",
            measured=worst / LOCK_TIMEOUT,
            aim=aims.LOCK_TIMEOUT,
        )


def _execute(url: str, statements: Sequence[str]) -> float:
    """Run statements one by one, as psql does; gives the seconds."""
    begun = time.perf_counter()
    with psycopg.connect(url, autocommit=True, prepare_threshold=None) as connection:
        for statement in statements:
            connection.execute(statement.encode())
    return time.perf_counter() - begun


def _done(outcome: Outcome) -> bool:
    return outcome.code == 0


def _idle(seconds: float) -> float:
    time.sleep(seconds)
    return seconds


def _told(way: Way) -> str:
    waits = ", ".join(f"{wait.longest:.3f} ({wait.whose})" for wait in way.waits)
    return f"{way.name}: took {way.seconds:.1f} s; longest waits {waits}; {way.waits[-1].statements:,} statements."


def _tell(doing: str) -> None:
    sys.stderr.write(f"{doing}\n")


if __name__ == "__main__":
    sys.exit(main())

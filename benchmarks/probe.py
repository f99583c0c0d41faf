"""How long it takes to explain and to execute journeys: `python -m benchmarks.probe`.

Whole processes are measured. What a journey of one step takes is what connecting, loading and the catalogs take; the
rest is what the steps cost.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import psycopg

from benchmarks import aims
from benchmarks.aims import Aim, Line
from benchmarks.measure import Contestant, Outcome, WrongError, race
from benchmarks.server import Host, running_host

if TYPE_CHECKING:
    from collections.abc import Callable

SIZES = (200, 1000)
SECONDS = Aim(1.0)  # of 200 steps, beyond the connection
_PER_JOURNEY = 10
_TABLES = 20
_SETUP = """
do $$
begin
  create role bench_user;
exception when duplicate_object then null;
end
$$;
"""
_TABLE = """
create table t{n} (id bigint generated always as identity primary key, owner text not null, note text);
alter table t{n} enable row level security;
grant select, insert, update on t{n} to bench_user;
create policy own on t{n} to bench_user
  using (owner = current_setting('request.jwt.claims', true)::jsonb ->> 'sub')
  with check (owner = current_setting('request.jwt.claims', true)::jsonb ->> 'sub');
"""
_MAKES = "insert into t{t} (owner, note) values (:me, 'n') returning id"
_SEES = "select note from t{t} where id = :row{j}"


def main() -> int:
    """Measure, and print the result; 1 when something measured did not do its work."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.probe", description="Measure how fast a probe is.")
    parser.add_argument("--steps", type=int, nargs="*", default=SIZES, metavar="N", help="numbers of steps")
    parser.add_argument("--repeats", type=int, default=5, metavar="N", help="measured runs of each program")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="sessionaudit-bench-") as folder, running_host() as host:
        try:
            _make_tables(host)
            lines = [line for number in asked.steps for line in measured(host, Path(folder), number, asked.repeats)]
        except WrongError as error:
            sys.stderr.write(f"error: {error}\n")
            return 1
    sys.stdout.write(aims.markdown(lines, "steps"))
    return 0


def measured(host: Host, folder: Path, number: int, repeats: int) -> list[Line]:
    """Measure both ways over so many steps, and over one. Raises WrongError."""
    contestants: list[Contestant] = []
    for steps in (1, number):
        file = write_contract(folder / f"{steps}.yaml", steps)
        for way in ((), ("--execute", "--yes")):
            command = [sys.executable, "-m", "sessionaudit", "probe", *way, "-c", str(file), "--format", "json"]
            called = f"{'executed' if way else 'explained'}, {steps}"
            contestants.append(Contestant(called, command, host.environment("postgres"), _did(steps)))
    race(contestants, repeats, folder)
    explained_one, executed_one, explained, executed = contestants
    lines: list[Line] = []
    for one, base, aim in (
        (explained, explained_one, SECONDS if number <= 200 else None),
        (executed, executed_one, None),
    ):
        beyond = one.seconds - base.seconds
        lines.append(
            Line(
                tables=f"{number:,}",
                what=one.name.partition(",")[0],
                value=f"{one.seconds:.2f} s",
                against="one step",
                other=f"{base.seconds:.2f} s",
                factor=f"+{beyond:.2f} s",
                measured=beyond,
                aim=aim,
            )
        )
    return lines


def _did(steps: int) -> Callable[[Outcome], bool]:
    def done(outcome: Outcome) -> bool:
        report = json.loads(outcome.out)
        return outcome.code == 0 and sum(len(one["steps"]) for one in report["journeys"]) == steps

    return done


def write_contract(file: Path, steps: int) -> Path:
    """Write a contract with so many steps, ten in a journey."""
    journeys: dict[str, object] = {}
    for start in range(0, steps, _PER_JOURNEY):
        taken: dict[str, object] = {}
        for step in range(start, min(start + _PER_JOURNEY, steps)):
            acting = {"role": "bench_user", "claims": {"sub": ":me"}}
            table = step % _TABLES if step % 2 == 0 else (step - 1) % _TABLES
            if step % 2 == 0:
                sql, more = _MAKES.format(t=table), {"gives": f"row{step}", "expect": "1 row"}
            else:
                sql, more = _SEES.format(t=table, j=step - 1), {"expect": {"note": "n"}}
            taken[f"step{step}"] = {"as": acting, "sql": sql, **more}
        journeys[f"journey{start}"] = {"summary": "A journey", "given": {"me": "select 'me' as id"}, "steps": taken}
    tables = {f"t{n}": {} for n in range(_TABLES)}
    file.write_text(json.dumps({"version": 1, "tables": tables, "journeys": journeys}), encoding="utf-8")
    return file


def _make_tables(host: Host) -> None:
    with psycopg.connect(host.url("postgres"), autocommit=True) as connection:
        connection.execute(_SETUP)
        for number in range(_TABLES):
            connection.execute(_TABLE.format(n=number).encode())


if __name__ == "__main__":
    sys.exit(main())

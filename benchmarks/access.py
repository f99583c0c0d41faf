"""How long it takes to compute what roles may do: `python -m benchmarks.access`.

Measured against the read of the catalogs that `check` makes of the same contract, in one process, in turns.
"""

from __future__ import annotations

import argparse
import gc
import statistics
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING

import psycopg

from benchmarks import aims, generator
from benchmarks.aims import Aim, Line
from benchmarks.measure import WrongError
from benchmarks.server import Host, running_host
from sessionaudit.audits.behaviour.access.examining import examine_access
from sessionaudit.audits.behaviour.access.wanted import every_object
from sessionaudit.contract.loader import load, outline
from sessionaudit.postgres import catalog
from sessionaudit.postgres.connection import closing, connect

if TYPE_CHECKING:
    from collections.abc import Iterable

AIM = Aim(1.5)
ROLES = tuple(f"bench_role_{number}" for number in range(6))
_COMMANDS = 5


def main() -> int:
    """Measure, and print the result; 1 when something measured did not do its work."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.access", description="Measure how fast the access of roles is computed."
    )
    parser.add_argument("--sizes", type=int, nargs="+", default=(20, 200, 1000), metavar="TABLES")
    parser.add_argument("--repeats", type=int, default=9, metavar="N", help="measured runs of each")
    asked = parser.parse_args()
    gc.disable()  # as the program does
    with tempfile.TemporaryDirectory(prefix="sessionaudit-bench-") as folder, running_host() as host:
        try:
            lines = [measured(host, Path(folder), size, asked.repeats) for size in asked.sizes]
        except WrongError as error:
            sys.stderr.write(f"error: {error}\n")
            return 1
    sys.stdout.write(aims.markdown(lines))
    return 0


def measured(host: Host, folder: Path, size: int, repeats: int) -> Line:
    """Measure both in turns. Raises WrongError."""
    tables = range(size)
    database = f"access_{size}"
    host.create(database, tables)
    path = folder / f"contract_{size}.yaml"
    path.write_text(generator.contract(tables), encoding="utf-8")
    contract, outlined = load(path), outline(path.read_text(encoding="utf-8"), str(path))
    with psycopg.connect(host.url(database), autocommit=True) as making:
        for statement in _rights(names := list(contract.objects["table"])):
            making.execute(statement.encode())
    wanted = [one for one in every_object(contract, ROLES) if one.kind == "table"]
    ratios: list[float] = []
    seconds: list[tuple[float, float]] = []
    with closing(connect(host.url(database))) as connection:
        for _ in range(repeats):
            start = time.perf_counter()
            read = catalog.read(connection, lambda: outlined, statement_timeout=60)
            middle = time.perf_counter()
            examined = examine_access(connection, contract, wanted, timeout=60)
            end = time.perf_counter()
            if len(read.objects["table"]) != size or examined.checked != size * len(ROLES) * _COMMANDS:
                raise WrongError(
                    f"{len(read.objects['table'])} tables, {examined.checked} cells of {len(names)} tables"
                )
            seconds.append((middle - start, end - middle))
            ratios.append((end - middle) / (middle - start))
    host.drop(database)
    read_seconds, own_seconds = (statistics.median(column) for column in zip(*seconds, strict=True))
    times = statistics.median(ratios)
    return Line(
        tables=f"{size:,}",
        what=f"access of {len(ROLES)} roles",
        value=f"{own_seconds:.3f} s",
        against="read of the catalogs",
        other=f"{read_seconds:.3f} s",
        factor=f"{times:.2f}",
        measured=times,
        aim=AIM,
    )


def _rights(names: Iterable[tuple[str, ...]]) -> Iterable[str]:
    """Roles as a system has them: visitors, users, a member of these, one past row security, and two of reports."""
    visitor, user, member, server, reports, columns = ROLES
    for role in ROLES:
        bypasses = " bypassrls" if role == server else ""
        yield f"do $$begin create role {role} nologin{bypasses}; exception when duplicate_object then end$$"
    yield f"grant {generator.ROLE} to {user}"
    yield f"grant {user} to {member}"
    for number, name in enumerate(names):
        table = ".".join(f'"{part}"' for part in name)
        yield f"grant select, insert, update, delete on {table} to {user}"
        yield f"grant all on {table} to {server}"
        yield f"grant select on {table} to {reports}"
        if number % 10 == 0:
            yield f"grant select (id) on {table} to {columns}, {visitor}"


if __name__ == "__main__":
    sys.exit(main())

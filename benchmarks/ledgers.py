"""How long it takes to read a ledger and the files of its migrations: `python -m benchmarks.ledgers`.

Whole processes are measured, against one that does nothing but read the same files and the same rows.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from pathlib import Path

import psycopg

from benchmarks import aims
from benchmarks.aims import Aim, Line
from benchmarks.measure import Contestant, Outcome, WrongError, race, ratio
from benchmarks.server import Host, running_host

AIM = Aim(3)
SECONDS = Aim(2)  # of 5,000 migrations
_BARE = """
import os, sys
import psycopg
files = sorted(os.scandir(sys.argv[1]), key=lambda entry: entry.name)
texts = [open(entry.path, encoding="utf-8").read() for entry in files]
with psycopg.connect() as connection:
    rows = connection.execute("select * from supabase_migrations.schema_migrations").fetchall()
print(len(texts), len(rows))
"""
_OURS = """
import sys
from pathlib import Path
from sessionaudit.audits.migrations.sides import read_sides
from sessionaudit.contract.loader import load
from sessionaudit.postgres.connection import closing, connect
with closing(connect("postgresql://")) as connection:
    found = read_sides(load(Path(sys.argv[1])), connection, timeout=60)
rows = {one.version: one for one in found.ledger.recorded}
edited = [one for one in found.folder.migrations if found.tool.edited(one, rows[one.version]) is not False]
print(len(found.folder.migrations), len(rows) - len(edited))
"""


def main() -> int:
    """Measure, and print the result; 1 when something measured did not do its work."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.ledgers", description="Measure how fast ledgers are read."
    )
    parser.add_argument("--migrations", type=int, default=5000, metavar="N", help="files and rows")
    parser.add_argument("--repeats", type=int, default=7, metavar="N", help="measured runs of each program")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="sessionaudit-bench-") as folder, running_host() as host:
        try:
            lines = measured(host, Path(folder), asked.migrations, asked.repeats)
        except WrongError as error:
            sys.stderr.write(f"error: {error}\n")
            return 1
    sys.stdout.write(aims.markdown(lines, "migrations"))
    return 0


def measured(host: Host, folder: Path, number: int, repeats: int) -> list[Line]:
    """Measure both in turns. Raises WrongError."""
    migrations = folder / "supabase" / "migrations"
    migrations.mkdir(parents=True)
    contract = folder / "expected.yaml"
    contract.write_text("version: 1\nmigrations: {folder: supabase/migrations}\n", encoding="utf-8")
    _make(host, migrations, number)

    def done(outcome: Outcome) -> bool:
        return outcome.code == 0 and outcome.out.split() == [str(number)] * 2

    environment = host.environment("postgres")
    ours = Contestant("files and ledger", [sys.executable, "-c", _OURS, str(contract)], environment, done)
    bare = Contestant("bare read", [sys.executable, "-c", _BARE, str(migrations)], environment, done)
    race([ours, bare], repeats, folder)
    times, shown = ratio(ours, bare), f"{number:,}"
    took = f"{ours.seconds:.2f} s"
    return [
        Line(
            tables=shown,
            what=ours.name,
            value=took,
            against=bare.name,
            other=f"{bare.seconds:.2f} s",
            factor=f"{times:.1f}",
            measured=times,
            aim=AIM,
        ),
        Line(tables=shown, what=ours.name, value=took, factor=took, measured=ours.seconds, aim=SECONDS),
    ]


def _make(host: Host, migrations: Path, number: int) -> None:
    with psycopg.connect(host.url("postgres"), autocommit=True) as connection:
        connection.execute("create schema supabase_migrations")
        connection.execute(
            "create table supabase_migrations.schema_migrations"
            " (version text primary key, statements text[], name text)"
        )
        with connection.cursor().copy("copy supabase_migrations.schema_migrations from stdin") as rows:
            for one in range(number):
                statements = [statement for at in range(10) for statement in _statements(f"t{one}_{at}")]
                version = f"2024{one:010d}"
                (migrations / f"{version}_m.sql").write_text(";\n\n".join(statements) + ";\n", encoding="utf-8")
                rows.write_row((version, statements, "m"))


def _statements(table: str) -> tuple[str, str]:
    return (
        f"create table {table} (\n  id integer primary key,\n  a text not null default 'x;y' -- a comment\n)",
        f"alter table {table} enable row level security",
    )


if __name__ == "__main__":
    sys.exit(main())

"""The benchmark of replaying migrations: `python -m benchmarks.migrations`.

One hundred files of twenty statements each, as an application's are. They are run bare, each statement by itself and
each file in a transaction, as a tool does; and replayed, with the catalogs read after each file. Both in a private
server, in turns; ratios within one run count.
"""

from __future__ import annotations

import argparse
import os
import platform
import sys
import time
from contextlib import closing
from datetime import UTC, datetime
from statistics import median
from typing import TYPE_CHECKING

import psycopg

from benchmarks.aims import Aim, Line, markdown
from sessionaudit.audits.migrations.history import HistoryOptions, replay_history
from sessionaudit.audits.migrations.model import Migration
from sessionaudit.embedded.replay import SUPABASE, replaying
from sessionaudit.sql.statements import statements

if TYPE_CHECKING:
    from collections.abc import Sequence

RATIO = Aim(2)
WHOLE = Aim(6)  # seconds
_STATEMENTS = """
create type mood_{n} as enum ('sad', 'ok', 'happy');
create table t_{n} (
  id uuid primary key default gen_random_uuid(),
  name text not null,
  mood mood_{n} not null default 'ok',
  number integer check (number > 0),
  parent uuid,
  created_at timestamptz not null default now()
);
create table items_{n} (
  id bigint generated always as identity primary key,
  t_id uuid not null references t_{n} (id) on delete cascade,
  label text,
  quantity integer not null default 1
);
create index t_{n}_name on t_{n} (name);
create index items_{n}_t on items_{n} (t_id);
alter table t_{n} enable row level security;
alter table items_{n} enable row level security;
create policy reads on t_{n} for select to authenticated using (name is not null);
create policy writes on t_{n} for insert to authenticated with check (name <> '');
create policy reads on items_{n} for select using (true);
grant select, insert on t_{n} to authenticated;
grant select on items_{n} to anon;
create function touch_{n}() returns trigger language plpgsql as $$ begin return new; end $$;
create trigger touch before update on t_{n} for each row execute function touch_{n}();
comment on table t_{n} is 'number {n}';
create view v_{n} as select id, name from t_{n} where number > 1;
alter table t_{n} add column extra jsonb not null default '{{}}';
alter table items_{n} alter column label set not null;
alter table t_{n} add constraint t_{n}_parent foreign key (parent) references t_{before} (id);
alter table t_{before} add column later_{n} text;
"""


def migrations(count: int) -> list[Migration]:
    """Files that build on each other."""
    found: list[Migration] = []
    for number in range(count):
        text = _STATEMENTS.format(n=number, before=max(number - 1, 0))
        name = f"{number:014}_step.sql"
        found.append(
            Migration(version=name[:14], name="step", file=name, text=text, whole_text=text, transactional=True)
        )
    return found


def main() -> int:
    """Measure, and print the result; 1 when a file was not applied."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.migrations", description="Measure replaying.")
    parser.add_argument("--files", type=int, default=100, metavar="N")
    parser.add_argument("--repeats", type=int, default=5, metavar="N", help="measured runs of each")
    asked = parser.parse_args()
    found = migrations(asked.files)
    bares: list[float] = []
    replays: list[float] = []
    wholes: list[float] = []
    for _ in range(asked.repeats):
        bares.append(bare(found))
        seconds = replayed(found)
        if seconds is None:
            sys.stderr.write("error: a file was not applied\n")
            return 1
        replays.append(seconds[0])
        wholes.append(seconds[1])
    ratio = median(one / other for one, other in zip(replays, bares, strict=True))
    lines = [
        Line(
            tables=str(asked.files),
            what="replay with what each file does",
            value=f"{median(replays):.2f} s",
            against="bare, by psycopg",
            other=f"{median(bares):.2f} s",
            factor=f"{ratio:.2f}",
            measured=ratio,
            aim=RATIO,
        ),
        Line(
            tables=str(asked.files),
            what="the same, with the server's start and end",
            value=f"{median(wholes):.2f} s",
            factor="",
            measured=median(wholes),
            aim=WHOLE,
        ),
    ]
    about = f"{datetime.now(UTC):%Y-%m-%d}: {os.cpu_count()} cores, Python {platform.python_version()}."
    sys.stdout.write(f"{about}\n\n{markdown(lines, 'files')}")
    return 0


def bare(found: Sequence[Migration]) -> float:
    """The seconds that the files take by themselves."""
    with (
        replaying("bare", stub=SUPABASE) as replay,
        closing(psycopg.connect(replay.url, autocommit=True, prepare_threshold=None)) as connection,
    ):
        start = time.perf_counter()
        for migration in found:
            with connection.transaction():
                for statement in statements(migration.text):
                    connection.execute(statement.text.encode())
        return time.perf_counter() - start


def replayed(found: Sequence[Migration]) -> tuple[float, float] | None:
    """The seconds of a replay from its first file on, and of all of it; None where a file was not applied."""
    first: list[float] = []
    start = time.perf_counter()
    options = HistoryOptions(stub=SUPABASE, started=lambda _number, _migration: first.append(time.perf_counter()))
    history = replay_history(found, options)
    end = time.perf_counter()
    return (end - first[0], end - start) if history.whole else None


if __name__ == "__main__":
    sys.exit(main())

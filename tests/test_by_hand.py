"""What a person is told to run, where no statement is safe, leads to what the contract states."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from mending import ALL, mend
from servers import connect
from sessionaudit.repair import propose
from sessionaudit.snapshot import session as snapshots
from sessionaudit.snapshot.taking import SnapshotOptions

if TYPE_CHECKING:
    from pathlib import Path

    from conftest import MakeDatabase

_MOVING = """
create table orders (id bigint generated always as identity primary key, note text);
insert into orders (note) values ('a');
create table "Weird; Events" (
  id bigserial, "made at" timestamptz not null, kind text not null, size integer,
  twice integer generated always as (size * 2) stored, "order" bigint references orders
) partition by %s;
create table "Events; a" partition of "Weird; Events" %s;
create table "Events; b" partition of "Weird; Events" %s;
create index on "Weird; Events" (size);
create view seen as select id, kind from "Weird; Events";
insert into "Weird; Events" ("made at", kind, size, "order")
  select '2024-03-01 00:00:00+00'::timestamptz + n * '1 day'::interval, chr(97 + mod(n, 3)), n, 1
    from generate_series(1, 400) n;
"""
_KEYS = {
    "by time": (
        'range ("made at")',
        "for values from ('2024-01-01 00:00:00+00') to ('2025-01-01 00:00:00+00')",
        "default",
    ),
    "by kind": ("list (kind)", "for values in ('a', 'b')", "default"),
    "by hash": ("hash (id)", "for values with (modulus 2, remainder 0)", "for values with (modulus 2, remainder 1)"),
}
_SUM = 'select count(*), sum(id), sum(twice), min("made at"), string_agg(distinct kind, \'\') from "Weird; Events"'


def advice(url: str, contract: Path) -> str:
    """What a person is told about the only finding for which statements are named."""
    told = [one.help for one in propose.propose(url, contract, ALL).plan.uncured if "a person must decide." in one.help]
    assert len(told) == 1
    return told[0]


@pytest.mark.parametrize(("had", "gets"), [("by time", "by kind"), ("by kind", "by hash")])
def test_a_table_gets_another_partition_key(had: str, gets: str, make_database: MakeDatabase, tmp_path: Path) -> None:
    good, bad = make_database(), make_database()
    for url, key in ((good, gets), (bad, had)):
        with connect(url) as connection:
            connection.execute((_MOVING % _KEYS[key]).encode())
            rows = connection.execute(_SUM.encode()).fetchone()
    contract = tmp_path / "expected.yaml"
    contract.write_text(snapshots.make(good, SnapshotOptions()).text, encoding="utf-8")
    parts = re.split(r" \(\d\) ", advice(bad, contract))[1:]
    aside, repair, fill, drop, again = parts
    assert "sessionaudit repair --apply" in repair
    assert "sessionaudit repair --apply" in again
    with connect(bad) as connection:
        connection.execute(aside.encode())
    mend(bad, contract)
    with connect(bad) as connection:
        connection.execute(fill.encode())
        connection.execute(drop.encode())
    _, last = mend(bad, contract)
    assert [one.message for one in last.report.findings] == []
    with connect(bad) as connection:
        assert connection.execute(_SUM.encode()).fetchone() == rows
        connection.execute("""insert into "Weird; Events" ("made at", kind) values (now(), 'c')""")

"""Partitions are attached without reading a table under a strong lock, unless the step says that it does."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from caserunner import CASES, Case, build, make_roles
from mending import ALL, mend
from servers import connect
from sessionaudit.audits.runner import Options, run
from sessionaudit.core.step import Hazard
from sessionaudit.repair import propose
from sessionaudit.snapshot import session
from sessionaudit.snapshot.taking import SnapshotOptions

if TYPE_CHECKING:
    from pathlib import Path

    from conftest import MakeDatabase
    from servers import DatabaseServer

READ = re.compile(r'verifying table "(.*)"')


@pytest.mark.parametrize(
    "name", ["violation_stand_alone", "violation_partition_beside_default", "violation_partition_elsewhere"]
)
def test_no_table_with_rows_is_read_unless_the_step_says_so(server: DatabaseServer, database: str, name: str) -> None:
    make_roles(server.url)
    case = Case(CASES / "table" / name)
    build(case, database)
    plan = propose.propose(database, case.contract, ALL).plan
    attaching = 0
    with connect(database) as connection:
        connection.execute("set client_min_messages = debug1")
        told: list[str] = []
        connection.add_notice_handler(lambda notice: told.append(notice.message_primary or ""))
        for step in plan.steps:
            told.clear()
            for statement in step.sql:
                connection.execute(statement.encode())
            attaching += " attach partition " in step.sql[0]
            if {Hazard.SCAN, Hazard.REWRITE}.isdisjoint(step.hazards):
                for table in READ.findall(" \n".join(told)):
                    assert connection.execute(f"select exists (select from {table})".encode()).fetchone() == (False,)
    assert attaching


SHAPES = """
select c.oid::regclass::text, c.relkind, pg_get_partkeydef(c.oid), pg_get_expr(c.relpartbound, c.oid),
       array(select h.inhparent::regclass::text from pg_inherits h where h.inhrelid = c.oid order by h.inhseqno),
       array(select a.attname || ' ' || a.attislocal || ' ' || a.attinhcount
               from pg_attribute a where a.attrelid = c.oid and a.attnum > 0 order by a.attnum),
       array(select k.conname || ' ' || k.conislocal || ' ' || pg_get_constraintdef(k.oid)
               from pg_constraint k where k.conrelid = c.oid order by 1),
       c.reloptions
  from pg_class c
 where c.relnamespace = 'public'::regnamespace
 order by 1"""
MADE = """
create table users (id integer primary key);
create table orders (
  id integer not null, at date not null default current_date, user_id integer references users,
  double_id integer generated always as (id * 2) stored,
  constraint orders_pkey primary key (id, at), constraint orders_id_check check (id > 0)
) partition by range (at);
create table orders_2023 partition of orders for values from ('2023-01-01') to ('2024-01-01') with (fillfactor = 70);
create table orders_2024 partition of orders for values from ('2024-01-01') to ('2025-01-01') partition by hash (id);
create table orders_2024_0 partition of orders_2024 for values with (modulus 2, remainder 0);
create table orders_rest partition of orders default;
create index orders_user_id_idx on orders (user_id);
create table base (a integer, b text check (b <> ''));
create table child () inherits (base);
create table grandchild (c integer) inherits (child);
"""


def test_a_snapshot_brings_the_same_partitions(make_database: MakeDatabase, tmp_path: Path) -> None:
    one, other, contract = make_database(), make_database(), tmp_path / "contract.yaml"
    with connect(one) as connection:
        connection.execute(MADE)
        was = connection.execute(SHAPES).fetchall()
    made = session.make(one, SnapshotOptions(schemas=("public",)))
    assert made.waived == ()
    contract.write_text(made.text, encoding="utf-8")
    mend(other, contract)
    assert run(other, contract, Options()).findings == ()
    with connect(other) as connection:
        assert connection.execute(SHAPES).fetchall() == was

"""A relation that is missing, or something else than expected, never becomes an empty table."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from caserunner import CASES, Case, build, make_roles
from mending import ALL, mend
from servers import connect
from sessionaudit.repair import propose, way_back

if TYPE_CHECKING:
    from pathlib import Path

    from servers import DatabaseServer


PARTITIONED = """
select c.relname, pg_get_partkeydef(c.oid), pg_get_expr(c.relpartbound, c.oid)
  from pg_class c
 where c.relnamespace = 'public'::regnamespace
 order by 1"""


@pytest.mark.parametrize("name", ["violation_missing_view", "violation_kind", "near_kind_unstated"])
def test_nothing_is_made_in_place_of_it(server: DatabaseServer, database: str, name: str) -> None:
    make_roles(server.url)
    case = Case(CASES / "table" / name)
    build(case, database)
    plan = propose.propose(database, case.contract, ALL).plan
    assert [step.action for step in plan.steps if step.ref.path[:2] != ("public", "detached")] == []
    assert [held.step.action for held in plan.held] == []
    assert [one.finding.ref for one in plan.uncured] != []


def test_what_stands_on_a_missing_view_waits_for_it(database: str, tmp_path: Path) -> None:
    contract = tmp_path / "contract.yaml"
    contract.write_text(
        "version: 1\ntables:\n  v: {kind: view, columns: {id: int}, grants: {public: [select]}}\n"
        "  t: {columns: {id: int}, policies: {p: {using: id in (select id from v)}}}\n",
        encoding="utf-8",
    )
    with connect(database) as connection:
        connection.execute("create table t (id int)")
    proposal = propose.propose(database, contract, ALL)
    (finding,) = (one.finding for one in proposal.plan.uncured if one.finding.ref.kind == "table")
    assert "cannot be created from the contract" in finding.message
    assert {held.reason for held in proposal.plan.held} >= {"it needs the table public.v, which no step creates"}
    records, last = mend(database, contract)
    assert not [record for record in records if record.step.ref.path[-1] == "v"]
    assert "missing-table" in {one.rule.name for one in last.report.findings}


@pytest.mark.parametrize(
    ("made", "kind"),
    [
        ("create view gone as select 1 as id", "view"),
        ("create materialized view gone as select 1 as id", "materialized view"),
    ],
    ids=["view", "materialized view"],
)
def test_the_way_back_makes_no_table_of_it(database: str, tmp_path: Path, made: str, kind: str) -> None:
    contract, before = tmp_path / "contract.yaml", tmp_path / "before.yaml"
    contract.write_text("version: 1\ntables: {gone: absent}\n", encoding="utf-8")
    with connect(database) as connection:
        connection.execute(made.encode())
    before.write_text(way_back.before([propose.propose(database, contract, ALL)], ""), encoding="utf-8")
    records, _ = mend(database, contract)
    assert len(records) == 1
    back = propose.propose(database, before, ALL)
    assert [step.action for step in back.plan.steps] == []
    assert [(one.rule.name, one.expected) for one in back.report.findings] == [("missing-table", kind)]


@pytest.mark.parametrize(
    "made",
    [
        "create table gone (id int) partition by list (id)",
        "create table p (id int) partition by list (id); create table gone partition of p for values in (1, null)",
    ],
    ids=["partitioned table", "partition"],
)
def test_the_way_back_partitions_it_as_it_was(database: str, tmp_path: Path, made: str) -> None:
    contract, before = tmp_path / "contract.yaml", tmp_path / "before.yaml"
    contract.write_text("version: 1\ntables: {gone: absent}\n", encoding="utf-8")
    with connect(database) as connection:
        connection.execute(made.encode())
        was = connection.execute(PARTITIONED).fetchall()
    before.write_text(way_back.before([propose.propose(database, contract, ALL)], ""), encoding="utf-8")
    mend(database, contract)
    with connect(database) as connection:
        assert connection.execute(PARTITIONED).fetchall() != was
    mend(database, before)
    with connect(database) as connection:
        assert connection.execute(PARTITIONED).fetchall() == was

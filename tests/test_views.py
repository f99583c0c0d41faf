"""What becomes of views that differ: nothing is shown that was not, and nothing that depends on them is lost."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from caserunner import make_roles
from mending import ALL, mend
from servers import connect
from sessionaudit.core.step import Hazard
from sessionaudit.repair import propose

if TYPE_CHECKING:
    from pathlib import Path

    from servers import DatabaseServer

TABLES = (
    "create table orders (id bigint, status text, hidden boolean); insert into orders values (1, 'open', true);"
    "create table log (id bigint);"
)


def made(database: str, folder: Path, sql: str, views: str) -> Path:
    with connect(database) as connection:
        connection.execute(f"{TABLES} {sql}".encode())
    contract = folder / "contract.yaml"
    contract.write_text(f"version: 1\n{views}\n", encoding="utf-8")
    return contract


def planned(database: str, contract: Path, *allowed: Hazard) -> propose.Proposal:
    return propose.propose(database, contract, propose.PlanOptions(allowed=frozenset(allowed)))


@pytest.mark.parametrize(
    ("actual", "expected", "hazards"),
    [
        ("select id from orders", "select id from orders where not hidden", set()),
        ("select id, hidden from orders", "select id from orders", {Hazard.DROP}),
        ("select hidden, id from orders", "select id, hidden from orders", set()),
        ("select id from orders where not hidden", "select id from orders", {Hazard.LOOSEN}),
        ("select id from orders", "select id, status from orders", {Hazard.LOOSEN}),
        ("select id from orders", "select id from log", {Hazard.LOOSEN}),
    ],
)
def test_what_may_show_more_must_be_allowed(
    database: str, tmp_path: Path, actual: str, expected: str, hazards: set[Hazard]
) -> None:
    contract = made(database, tmp_path, f"create view v as {actual}", f"views: {{v: '{expected}'}}")
    plan = planned(database, contract).plan
    assert {hazard for held in plan.held for hazard in held.allow} == hazards
    assert len(plan.steps) == (not hazards)
    assert len(planned(database, contract, *hazards).plan.steps) == 1


def test_a_grant_waits_for_the_view_to_show_what_it_should(
    server: DatabaseServer, database: str, tmp_path: Path
) -> None:
    make_roles(server.url)
    views = "views: {v: {query: select id from orders where status = 'open', grants: {case_reader: [select]}}}"
    contract = made(database, tmp_path, "create view v as select id from orders where hidden", views)
    plan = planned(database, contract).plan
    assert [step.action for step in plan.steps] == []
    assert len(plan.held) == 2
    steps = planned(database, contract, Hazard.LOOSEN).plan.steps
    assert [step.ref.kind for step in steps] == ["view", "grant"]


def test_what_does_not_fit_the_new_view_holds_it_back(database: str, tmp_path: Path) -> None:
    sql = "create view v as select id, status from orders; create view w as select status from v"
    contract = made(database, tmp_path, sql, "views: {v: select id from orders}")
    (held,) = propose.propose(database, contract, ALL).plan.held
    assert "the view public.w does not fit the new view" in held.reason


def test_what_is_declared_absent_is_not_carried_over(database: str, tmp_path: Path) -> None:
    sql = "create view v as select id, status from orders; create view w as select status from v"
    contract = made(database, tmp_path, sql, "views: {v: select id from orders, w: absent}")
    mend(database, contract)
    with connect(database) as connection:
        assert connection.execute("select to_regclass('public.w')").fetchone() == (None,)


def test_a_view_that_a_materialized_view_reads_is_not_recreated(database: str, tmp_path: Path) -> None:
    sql = "create view v as select status, id from orders; create materialized view m as select id from v"
    contract = made(database, tmp_path, sql, "views: {v: 'select id, status from orders'}")
    (held,) = propose.propose(database, contract, ALL).plan.held
    assert held.reason == "the materialized view public.m cannot be dropped and recreated"


def test_a_query_that_names_what_is_missing_is_mended_in_the_next_round(database: str, tmp_path: Path) -> None:
    sql = "create view v as select id from orders"
    views = "tables: {log: {columns: {id: bigint, at: date}}}\nviews: {v: 'select id, at from log'}"
    contract = made(database, tmp_path, sql, views)
    records, last = mend(database, contract)
    assert [record.step.ref.kind for record in records] == ["column", "view"]
    assert not last.report.findings


def test_a_column_is_dropped_after_the_view_that_lets_go_of_it(database: str, tmp_path: Path) -> None:
    sql = "create view v as select id, status from orders"
    views = "tables: {orders: {columns: {status: absent}}}\nviews: {v: select id from orders}"
    contract = made(database, tmp_path, sql, views)
    records, _ = mend(database, contract)
    assert [record.step.action for record in records][:2] == [
        "Recreate the view public.v",
        "Drop the column public.orders.status with its values",
    ]


def test_what_a_retyped_column_of_a_view_has_is_kept(server: DatabaseServer, database: str, tmp_path: Path) -> None:
    make_roles(server.url)
    sql = (
        "create view v as select id::text as id from orders; grant select (id) on v to case_reader;"
        "comment on column v.id is 'The number.'"
    )
    mend(database, made(database, tmp_path, sql, "views: {v: select id from orders}"))
    query = "select col_description('v'::regclass, 1), has_column_privilege('case_reader', 'v', 'id', 'select')"
    with connect(database) as connection:
        assert connection.execute(query.encode()).fetchone() == ("The number.", True)

"""Partitions are attached without reading a table under a strong lock, unless the step says that it does."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from caserunner import CASES, Case, build, make_roles
from mending import ALL
from servers import connect
from sessionaudit.core.step import Hazard
from sessionaudit.repair import propose

if TYPE_CHECKING:
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

"""The SQL that is told with a finding mends it, run as it stands; where one statement alone would not, none is told."""

from __future__ import annotations

from typing import TYPE_CHECKING

import psycopg

from rows import CONTRACT
from servers import connect
from sessionaudit.audits.runner import Options, run
from sessionaudit.demo import system
from sessionaudit.repair.fixes import Fixes

if TYPE_CHECKING:
    from conftest import MakeDatabase, Template


def test_what_is_told_as_a_fix_mends_what_was_found(template: Template, make_database: MakeDatabase) -> None:
    broken = template("broken", system.statements(system.BROKEN))
    findings = run(make_database(broken), CONTRACT, Options(fixes=Fixes(), without=("data",))).findings
    fixes = {(one.rule.name, str(one.ref), one.facet): one.fix for one in findings if one.fix}
    assert len(fixes) > 5
    unmended: list[str] = []
    mended = 0
    for place, statements in fixes.items():
        url = make_database(broken)
        try:
            with connect(url) as connection:
                for statement in statements:
                    connection.execute(statement.encode())
        except (
            psycopg.errors.CheckViolation,
            psycopg.errors.UndefinedColumn,
        ):  # rows, or another fault, are in the way
            continue
        mended += 1
        left = {
            (one.rule.name, str(one.ref), one.facet) for one in run(url, CONTRACT, Options(without=("data",))).findings
        }
        if place in left:
            unmended.append(f"{place}: {statements}")
    assert unmended == []
    assert mended > 5


def test_what_takes_the_place_of_another_is_no_fix_by_halves(template: Template, make_database: MakeDatabase) -> None:
    findings = run(
        make_database(template("broken", system.statements(system.BROKEN))),
        CONTRACT,
        Options(fixes=Fixes(), without=("data",)),
    ).findings
    assert [one.fix for one in findings if one.rule.name == "foreign-key-target"] == [()]

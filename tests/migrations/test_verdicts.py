"""Every case of migrations: exactly what must be said of each file, with its places, and nothing is written."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from caserunner import make_roles, traces
from marks import thorough
from migrationcases import all_cases, build, examined, golden, regenerate, stored
from sessionaudit.audits.audit import Options
from sessionaudit.audits.migrations.rules import RULES
from sessionaudit.audits.runner import examine

if TYPE_CHECKING:
    from pathlib import Path

    from conftest import MakeDatabase
    from servers import DatabaseServer

CASES = all_cases()
USUAL = {"clean_applied", "violation_rejected", "violation_older_table"}
BY_NAME = {case.name: case for case in CASES}


@pytest.mark.parametrize(
    "case",
    [pytest.param(case) if case.name in USUAL else thorough(case) for case in CASES],
    ids=lambda case: case.name,
)
def test_case(case: Path, server: DatabaseServer, make_database: MakeDatabase, request: pytest.FixtureRequest) -> None:
    make_roles(server.url)
    url = make_database()
    build(case, url)
    before = traces(url)
    said = golden(examined(case, url))
    if request.config.getoption("--regen"):
        regenerate(case, said)
    assert said == stored(case)
    if case.name.startswith("clean_"):
        assert not said["findings"]
        assert not said["skipped"]
    elif case.name.startswith("violation_"):
        assert said["findings"]
    assert traces(url) == before


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_a_case_names_its_trap(case: Path) -> None:
    assert case.name.partition("_")[0] in {"clean", "near", "violation"}
    assert (case / "actual.sql").read_text(encoding="utf-8").startswith("-- ")
    assert stored(case)


def test_every_rule_is_reached_by_a_case() -> None:
    reached = {finding["rule"] for case in CASES for finding in stored(case)["findings"]}
    assert reached == {rule.name for rule in RULES}


def test_a_missing_column_has_its_migration_as_cause(make_database: MakeDatabase) -> None:
    url, case = make_database(), BY_NAME["violation_linked"]
    build(case, url)
    findings = examine(url, case / "contract.yaml", Options(files=True)).report.findings
    missing = next(one for one in findings if one.rule.name == "missing-column")
    assert [(one.rule.name, str(one.location)) for one in missing.because] == [
        ("recorded-not-there", "migrations/20240102000000_note.sql:1:1")
    ]
    assert "made at migrations/20240101000000_orders.sql:1:1" in missing.because[0].message


def test_without_files_the_audit_does_not_run(make_database: MakeDatabase) -> None:
    url, case = make_database(), BY_NAME["violation_linked"]
    build(case, url)
    report = examine(url, case / "contract.yaml", Options()).report
    assert [outcome.audit for outcome in report.outcomes] == ["schema", "data"]


def test_without_a_database_only_what_the_files_show_is_said() -> None:
    said = golden(examined(BY_NAME["violation_rejected"], "unused", files_only=True))
    assert [one["rule"] for one in said["findings"]] == ["rejected-migration"]
    assert said["table"][0][1:] == ["", "", "ok"]
    assert said["skipped"] == []

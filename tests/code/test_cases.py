"""Every case of code: exactly what must be said of each request, with its place; and the database stays as it was."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from caserunner import make_roles, traces
from codecases import all_cases, build, examined, golden, regenerate, sprung, stored, traps
from sessionaudit.audits.code.rules import RULES

if TYPE_CHECKING:
    from pathlib import Path

    from conftest import MakeDatabase
    from servers import DatabaseServer

CASES = all_cases()
SORTS = {"clean", "near", "violation"}
FEWEST_TRAPS = 60


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_case(
    case: Path,
    server: DatabaseServer,
    make_database: MakeDatabase,
    monkeypatch: pytest.MonkeyPatch,
    request: pytest.FixtureRequest,
) -> None:
    make_roles(server.url)
    url = make_database()
    build(case, url)
    before = traces(url)
    monkeypatch.chdir(case)
    found = examined(url)
    said = golden(found)
    if request.config.getoption("--regen"):
        regenerate(case, said)
    assert said == stored(case)
    assert sprung(case, said) == traps(case)
    assert not found.examined.skipped
    assert found.examined.calls
    if case.name.startswith("clean_"):
        assert not said["findings"]
        assert not said["not known"]
        assert found.examined.suppressed or found.examined.proven == found.examined.calls
    assert traces(url) == before


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_a_case_names_its_trap(case: Path) -> None:
    assert case.name.partition("_")[0] in SORTS
    assert (case / "actual.sql").read_text(encoding="utf-8").startswith("-- ")
    assert stored(case)


def test_every_subject_is_clean_nearly_wrong_and_wrong() -> None:
    names = {case.name for case in CASES}
    subjects = {name.partition("_")[2] for name in names}
    assert names == {f"{sort}_{subject}" for sort in SORTS for subject in subjects}


def test_every_rule_is_reached_by_a_case() -> None:
    reached = {rule for case in CASES for trap in traps(case) for rule in trap.rules}
    assert reached == {rule.name for rule in RULES}


def test_there_are_traps_enough() -> None:
    found = [trap for case in CASES for trap in traps(case)]
    assert len(found) >= FEWEST_TRAPS
    assert all(not trap.rules for case in CASES if case.name.startswith("near_") for trap in traps(case))

"""Whole histories, as projects have them: every line that is printed, and every verdict."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from caserunner import make_roles
from histories import all_histories, build, told
from sessionaudit.audits.migrations.rules import DRIFT, RULES, STOPPED

if TYPE_CHECKING:
    from pathlib import Path

    from conftest import MakeDatabase
    from servers import DatabaseServer

ALL = all_histories()
_RULES = {rule.name for rule in RULES}


@pytest.mark.parametrize("history", ALL, ids=lambda history: history.name)
def test_history(
    history: Path, server: DatabaseServer, make_database: MakeDatabase, request: pytest.FixtureRequest
) -> None:
    make_roles(server.url)
    url = make_database()
    build(history, url)
    printed, verdicts = told(history, url)
    text = json.dumps(verdicts, indent=2, ensure_ascii=False) + "\n"
    if request.config.getoption("--regen"):
        (history / "told.txt").write_text(printed, encoding="utf-8")
        (history / "verdicts.json").write_text(text, encoding="utf-8")
    assert printed == (history / "told.txt").read_text(encoding="utf-8")
    assert text == (history / "verdicts.json").read_text(encoding="utf-8")


def test_the_histories_have_every_verdict_in_thirty_files_and_more() -> None:
    verdicts = [json.loads((history / "verdicts.json").read_text(encoding="utf-8")) for history in ALL]
    assert all(len([one for one in several if one["file"]]) > 30 for several in verdicts)
    said = {rule for several in verdicts for one in several for rule in one["verdict"]}
    assert _RULES - said == {DRIFT.name, STOPPED.name}, "which are said of objects, and of what takes its time"
    assert all(DRIFT.name in (history / "told.txt").read_text(encoding="utf-8") for history in ALL)

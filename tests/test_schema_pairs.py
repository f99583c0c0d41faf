"""From a schema that drifted in any way to the one that is wanted, by snapshot, check and repair."""

from __future__ import annotations

import os
from contextlib import suppress
from random import Random
from typing import TYPE_CHECKING, Any

import psycopg
import pytest
import yaml

from caserunner import make_roles
from mending import mend
from schema_pairs import pair
from servers import connect
from sessionaudit.audits.runner import Options, examine
from sessionaudit.core.finding import Severity
from sessionaudit.snapshot import session as snapshots
from sessionaudit.snapshot.taking import SnapshotOptions

if TYPE_CHECKING:
    from pathlib import Path

    from conftest import MakeDatabase
    from servers import DatabaseServer

FEW, MANY = 30, 300
FIRST = int(os.environ.get("SESSIONAUDIT_FIRST_SEED", "0"))
SEEDS = [
    pytest.param(seed, marks=() if seed - FIRST < FEW else pytest.mark.slow) for seed in range(FIRST, FIRST + MANY)
]


@pytest.fixture(scope="session")
def roles(server: DatabaseServer) -> None:
    make_roles(server.url)


def build(url: str, statements: tuple[str, ...]) -> list[str]:
    """Run what can be run; gives it."""
    done: list[str] = []
    with connect(url) as connection:
        for statement in statements:
            with suppress(psycopg.Error):
                connection.execute(statement.encode())
                done.append(statement)
    return done


def within(found: Any, wanted: Any) -> Any:
    """What is found, without the entries that nobody wants."""
    if isinstance(found, dict) and isinstance(wanted, dict):
        return {key: within(value, wanted[key]) for key, value in found.items() if key in wanted}
    return found


@pytest.mark.usefixtures("roles")
@pytest.mark.parametrize("seed", SEEDS)
def test_what_drifted_is_repaired(seed: int, make_database: MakeDatabase, tmp_path: Path) -> None:
    made = pair(Random(seed))
    good, bad = make_database(), make_database()
    wanted, drifted = build(good, made.wanted), build(bad, made.drifted)
    told = "\n".join(("wanted:", *(f"{one};" for one in wanted), "drifted:", *(f"{one};" for one in drifted)))
    file = tmp_path / "expected.yaml"
    file.write_text(snapshots.make(good, SnapshotOptions()).text, encoding="utf-8")
    assert examine(good, file, Options()).report.findings == (), told
    found = examine(bad, file, Options()).report.findings
    if set(wanted) - set(drifted):
        assert found, told
    mend(bad, file)
    left = [one for one in examine(bad, file, Options()).report.findings if one.severity > Severity.NOTE]
    assert [f"{one.rule.name} {one.message}" for one in left] == [], told
    after = yaml.safe_load(snapshots.make(bad, SnapshotOptions()).text)
    before = yaml.safe_load(file.read_text(encoding="utf-8"))
    assert within(after, before) == before, told

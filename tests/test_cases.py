"""Every case against a real server: exactly the findings of its golden, and nothing written."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

import pytest

from caserunner import (
    AUTOCOMMIT,
    Case,
    Golden,
    all_cases,
    build,
    compare_read_only,
    first_of_each_kind,
    golden,
    make_roles,
    require,
    traces,
)
from one_connection import Inside, Kept, read_by
from pasting import pasted, undefined, unstated
from servers import connect
from sessionaudit.audits.audit import Read
from sessionaudit.audits.behaviour.journeys.rules import RULES as JOURNEYS
from sessionaudit.audits.code.rules import RULES as CODE
from sessionaudit.audits.evaluation import held
from sessionaudit.audits.migrations.rules import RULES as MIGRATIONS
from sessionaudit.audits.runner import Options, examine, examining
from sessionaudit.audits.schema.spellings import own_names as names_of_the_server
from sessionaudit.contract import file_text
from sessionaudit.contract.loader import outline
from sessionaudit.errors import UsageError
from sessionaudit.kinds import KINDS
from sessionaudit.kinds.lint_rules import RULES as LINT
from sessionaudit.rulebook import RULES
from sessionaudit.snapshot import session
from sessionaudit.snapshot.platform import Platform
from sessionaudit.snapshot.taking import SnapshotOptions

if TYPE_CHECKING:
    from collections.abc import Generator
    from pathlib import Path

    import psycopg

    from conftest import MakeDatabase
    from servers import DatabaseServer

CASES = all_cases()
# What lies in a role of the whole server, which a case may not change: the mutations do, and take it back.
OF_SERVERS = {"bound-role"}
OF_TWO = {"unexpected-object"}  # databases


@pytest.fixture(scope="session")
def own_names(server: DatabaseServer) -> frozenset[str]:
    with connect(server.url) as connection:
        return names_of_the_server(connection)


@pytest.fixture(scope="session")
def roles(server: DatabaseServer) -> None:
    make_roles(server.url)


@pytest.fixture(scope="module")
def inside(server: DatabaseServer) -> Generator[Inside]:
    """A database in which each case is made, looked at and taken back."""
    url = server.create()
    connection = Inside.to(url)
    yield connection
    connection.end()
    server.drop(url)


@contextmanager
def built(case: Case, inside: Inside, make_database: MakeDatabase) -> Generator[psycopg.Connection]:
    """Yield a connection that finds what a case makes; audits read by it."""
    if case.text.startswith(AUTOCOMMIT):
        connection = Kept.to(make_database())
        build(case, connection)
        with read_by(connection):
            yield connection
        connection.end()
        return
    with inside.holding(case.text), read_by(inside):
        yield inside


@pytest.mark.usefixtures("roles")
@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_case(
    case: Case, server: DatabaseServer, inside: Inside, make_database: MakeDatabase, request: pytest.FixtureRequest
) -> None:
    require(case, server)
    with built(case, inside, make_database) as looking:
        before = traces(looking)

        with examining(None, case.contract, Options()) as (examination, connection):
            assert connection
            # An audit that may not ask the server reads the same of it: it is held against the contract once more.
            again = outline(file_text.read(case.contract), str(case.contract))
            cautious = held(again, Read(connection, examination.actual), Options(read_only=True)).report
        full = examination.report
        report = cautious if case.read_only else full
        if request.config.getoption("--regen"):
            case.regenerate(report)

        assert golden(report.findings) == case.golden()
        assert golden(finding for finding, _ in report.waived) == case.golden("waived")
        assert not report.skipped
        if case.folder.name.startswith("clean_"):
            assert not report.findings
        elif case.folder.name.startswith("violation_"):
            assert report.findings
        assert compare_read_only(full, cautious) == []
        assert undefined(examination) == []
        assert traces(looking) == before


@pytest.mark.usefixtures("roles")
@pytest.mark.parametrize("case", first_of_each_kind(CASES), ids=lambda case: case.name)
def test_what_a_case_has_is_a_contract(
    case: Case,
    server: DatabaseServer,
    database: str,
    looking: psycopg.Connection,
    tmp_path: Path,
    own_names: frozenset[str],
) -> None:
    require(case, server)
    build(case, looking)
    before = traces(looking)

    examination = examine(database, case.contract, Options())
    if any(examination.actual.objects.values()):
        file = tmp_path / "pasted.yaml"
        file.write_text(pasted(examination, own_names), encoding="utf-8")
        again = examine(database, file, Options())
        assert golden(finding for finding in again.report.findings if not unstated(finding, again)) == []
    assert found_of_a_snapshot(database, tmp_path) == []
    assert traces(looking) == before


def found_of_a_snapshot(url: str, folder: Path) -> list[Golden]:
    """What a check finds by the contract that was made of the database itself."""
    file = folder / "snapshot.yaml"
    try:
        made = session.make(url, SnapshotOptions(platform=Platform.none))
    except UsageError:  # there is nothing in it
        return []
    file.write_text(made.text, encoding="utf-8")
    return golden(examine(url, file, Options()).report.findings)


def test_each_case_names_its_trap() -> None:
    """In one test, as five hundred that look at a name and a line take longer to be called than to look."""
    for case in CASES:
        prefix, _, _ = case.folder.name.partition("_")
        assert prefix in {"clean", "near", "violation"}, case.name
        lines = [line for line in case.text.splitlines() if line != "-- autocommit"]
        assert lines[0].startswith("-- "), case.name
        assert (case.folder / "findings.json").exists(), case.name


def test_every_kind_has_cases_of_every_sort() -> None:
    names = {(case.folder.parent.name, case.folder.name.partition("_")[0]) for case in CASES}
    assert {(kind.name, sort) for kind in KINDS for sort in ("clean", "near", "violation")} <= names


def test_every_rule_is_reached_by_a_case() -> None:
    reached = {finding["rule"] for case in CASES for finding in case.golden()}
    of_files = {rule.name for rule in (*MIGRATIONS, *CODE, *JOURNEYS, *LINT)}  # which have cases of their own
    assert RULES.keys() - reached == OF_SERVERS | OF_TWO | of_files

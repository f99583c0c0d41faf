"""From a schema that drifted in any way to the one that is wanted, by snapshot, check and repair."""

from __future__ import annotations

import os
import subprocess
from contextlib import suppress
from random import Random
from typing import TYPE_CHECKING, Any

import psycopg
import pytest
import yaml

from caserunner import make_roles
from dumping import differences, dump, find_program, require_program
from marks import one_in
from mending import ALL, mend, run_at_once, run_script
from schema_access import MADE_ROLES, PAIR_ROLES
from schema_pairs import Pair, pair
from schema_small import KEPT
from servers import connect
from sessionaudit.audits.runner import Options, examine
from sessionaudit.core.finding import Severity
from sessionaudit.errors import UsageError
from sessionaudit.repair import propose, script
from sessionaudit.repair.session import ROUNDS
from sessionaudit.snapshot import session as snapshots
from sessionaudit.snapshot.taking import SnapshotOptions
from sessionaudit.sql.text import identifier

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from pathlib import Path

    from conftest import MakeDatabase
    from servers import DatabaseServer
    from sessionaudit.core.finding import Finding
    from sessionaudit.repair.plan import Plan

SOME, MANY = 30, 300
FIRST = int(os.environ.get("SESSIONAUDIT_FIRST_SEED", "0"))
SEEDS = range(FIRST, FIRST + MANY)
# Why a step may be held back although everything is allowed.
HELD = (
    "whose parts PostgreSQL cannot check",  # of a domain in rows and arrays
    "it is in the primary key",  # so that a column is NOT NULL whose domain waits for the above
    "it is an inherited column",  # whose parent's waits for the below
    "cannot be dropped and recreated",  # of a materialized view, whose rows may take hours
)
_GUARDED = "is not as expected: a role that is granted access may see more"


@pytest.fixture(scope="session")
def roles(server: DatabaseServer) -> None:
    make_roles(server.url)
    build(server.url, MADE_ROLES)


@pytest.fixture(scope="session")
def pg_dump(server: DatabaseServer) -> str:
    """The program; the embedded package has it, so that its tests are never left out there."""
    return require_program("pg_dump", server.major)


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
    if wanted and isinstance(found, list) and isinstance(wanted, list) and all(isinstance(one, dict) for one in wanted):
        return [one for one in found if one in wanted]  # waivers
    if isinstance(found, list):
        return [one for one in found if one != "only_here"]  # a publication of all tables
    return found


def telling(wanted: Iterable[str], drifted: Iterable[str]) -> str:
    return "\n".join(("wanted:", *(f"{one};" for one in wanted), "drifted:", *(f"{one};" for one in drifted)))


def judged(statement: str) -> bool:
    """Whether a snapshot states it: no comments, what roles get in all schemas, or memberships of unnamed ones."""
    if statement.startswith("alter default privileges"):
        return "in schema" in statement
    return not statement.startswith(("comment", *(f"grant {identifier(role)} to" for role in PAIR_ROLES)))


def left(url: str, contract: Path, plan: Plan) -> tuple[list[Finding], bool]:
    """What is still found and does not wait for something that is held back for a known reason; and whether it does."""
    held = {one.step.ref for one in plan.held if one.step and any(reason in one.reason for reason in HELD)}
    if held:
        held |= {one.step.ref for one in plan.held if one.step and (one.follows or _GUARDED in one.reason)}
        held |= {one.finding.ref for one in plan.uncured if "another type" in one.help}
    found = [one for one in examine(url, contract, Options()).report.findings if one.severity > Severity.NOTE]
    return [one for one in found if one.ref not in held], bool(held)


@pytest.mark.usefixtures("roles")
@pytest.mark.parametrize("seed", one_in(8, SEEDS[:SOME]))
def test_what_drifted_is_repaired(
    seed: int, server: DatabaseServer, make_database: MakeDatabase, tmp_path: Path
) -> None:
    """Of small schemas, so that each kind comes up often enough."""
    made = pair(Random(seed), most=1)
    good, bad = make_database(), make_database()
    wanted = build(good, (*made.members, *made.wanted))
    file = tmp_path / "expected.yaml"
    file.write_text(snapshots.make(good, SnapshotOptions()).text, encoding="utf-8")
    drifted = build(bad, (*made.drifted_members, *made.drifted))
    told = telling(wanted, drifted)
    found = examine(bad, file, Options()).report.findings
    if any(map(judged, set(wanted) - set(drifted))):
        assert found, told
    program = find_program("pg_dump", server.major) if seed % 3 == 0 else None
    before = dump(program, bad) if program else {}
    _, last = mend(bad, file)
    rest, held = left(bad, file, last.plan)
    assert [f"{one.rule.name} {one.message}" for one in rest] == [], told
    if program and not held:
        assert [*differences(dump(program, good), before, dump(program, bad))] == [], told


ONE = (
    "create table kept (a integer, b text default 'x', c date, constraint k check (a > 0 and b <> ''))",
    "create index i on kept (a)",
    "create view v as select a from kept",
)
OTHERS = {
    "a column is missing": ("create table kept (a integer, c date, constraint k check (a > 0 and true))", *ONE[1:]),
    "the order is another": (ONE[0].replace("c date, ", "").replace("a integer", "c date, a integer"), *ONE[1:]),
    "a default is another": (ONE[0].replace("'x'", "'y'"), *ONE[1:]),
    "a check is another": (ONE[0].replace("a > 0", "a > 1"), *ONE[1:]),
    "an index is missing": (ONE[0], ONE[2]),
    "a view has an option": (*ONE[:2], ONE[2].replace("as", "with (security_barrier) as", 1)),
    "one is too many": (*ONE, "create sequence s"),
}


@pytest.mark.parametrize("statements", OTHERS.values(), ids=OTHERS)
def test_a_difference_between_dumps_is_seen(
    statements: tuple[str, ...], make_database: MakeDatabase, pg_dump: str
) -> None:
    """Else nothing would be proven by there being none. What one had before is no difference."""
    good, bad = make_database(), make_database()
    build(good, ONE)
    build(bad, statements)
    wanted, found = dump(pg_dump, good), dump(pg_dump, bad)
    assert [*differences(wanted, {}, found)]
    with connect(good) as connection:
        connection.execute("alter table kept add own integer")
        connection.execute("create table only_there (a integer)")
    more = dump(pg_dump, good)
    assert [*differences(wanted, more, more)] == []


@pytest.mark.slow
@pytest.mark.usefixtures("roles")
@pytest.mark.parametrize("seed", SEEDS)
def test_it_is_the_wanted_schema_to_pg_dump_too(
    seed: int, server: DatabaseServer, make_database: MakeDatabase, pg_dump: str, tmp_path: Path
) -> None:
    """The snapshot is silent where it was made; and --apply and both scripts lead to what it was made of."""
    prove(pair(Random(seed), most=3), server, make_database, pg_dump, tmp_path)


@pytest.mark.thorough
@pytest.mark.usefixtures("roles")
@pytest.mark.parametrize("made", KEPT.values(), ids=KEPT)
def test_what_once_was_not_repaired(
    made: Pair, server: DatabaseServer, make_database: MakeDatabase, pg_dump: str, tmp_path: Path
) -> None:
    prove(made, server, make_database, pg_dump, tmp_path)


def prove(made: Pair, server: DatabaseServer, make_database: MakeDatabase, pg_dump: str, tmp_path: Path) -> None:
    good, bad = make_database(), make_database()
    wanted = build(good, (*made.members, *made.wanted))
    file = tmp_path / "expected.yaml"
    file.write_text(snapshots.make(good, SnapshotOptions()).text, encoding="utf-8")
    assert examine(good, file, Options()).report.findings == (), telling(wanted, ())
    drifted = build(bad, (*made.drifted_members, *made.drifted))
    told = telling(wanted, drifted)
    found = examine(bad, file, Options()).report.findings
    if any(map(judged, set(wanted) - set(drifted))):
        assert found, told

    before = dump(pg_dump, bad)
    copies = [make_database(server.copied(bad)) for _ in range(2)]
    _, last = mend(bad, file)
    rest, held = left(bad, file, last.plan)
    assert [f"{one.rule.name} {one.message}" for one in rest] == [], told
    after = dump(pg_dump, bad)
    if not held:
        assert [*differences(dump(pg_dump, good), before, after)] == [], told
        stated, found = (
            yaml.safe_load(text) for text in (file.read_text(), snapshots.make(bad, SnapshotOptions()).text)
        )
        assert within(found, stated) == stated, told

    psql = find_program("psql", server.major)
    for copy, transactional in zip(copies, (False, True), strict=True):
        build(copy, made.drifted_members)
        if by_script(copy, file, psql, transactional=transactional):
            assert [*differences(after, before, dump(pg_dump, copy))] == [], f"{transactional=}\n{told}"


def by_script(url: str, contract: Path, psql: str | None, *, transactional: bool) -> bool:
    """Repair by the printed script, each of them run twice; gives whether it can be so."""
    run = running(psql) if psql else run_at_once if transactional else run_script
    for _ in range(ROUNDS):
        plan = propose.propose(url, contract, ALL).plan
        if not plan.steps:
            break
        try:
            text = script.render(plan, title="Repair of a pair.", transactional=transactional, repairs={})
        except UsageError:
            assert transactional
            return False
        run(url, text)
        run(url, text)
    return True


def running(psql: str) -> Callable[[str, str], None]:
    def run(url: str, text: str) -> None:
        call = [psql, "--no-psqlrc", "--quiet", "--set=ON_ERROR_STOP=1", url]
        done = subprocess.run(call, input=text, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr

    return run

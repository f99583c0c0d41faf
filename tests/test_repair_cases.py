"""Every case mended: nothing of what has a cure is left, locks are as declared, and a second time nothing happens."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from caserunner import Case, all_cases, build, first_of_each_kind, make_roles, require, traces
from marks import thorough
from mending import ALL, lint, mend, run_at_once, run_plan, run_script
from neighbourhood import adorn, lost, worn
from one_connection import read_by_one
from servers import connect
from sessionaudit.core.step import Hazard, LockLevel
from sessionaudit.errors import UsageError
from sessionaudit.repair import propose, script
from sessionaudit.repair.apply import StepOutcome
from sessionaudit.repair.session import ROUNDS
from sessionaudit.sql.text import literal

if TYPE_CHECKING:
    from pathlib import Path

    import psycopg

    from conftest import MakeDatabase
    from servers import DatabaseServer
    from sessionaudit.core.report import Report
    from sessionaudit.core.step import Step
    from sessionaudit.repair.plan import Plan
    from sessionaudit.repair.propose import Proposal

CASES = [case for case in all_cases() if not case.read_only]
# Of a case in which nothing is found, as test_cases proves, nothing is planned either: but what `adorn` comments on.
PLANNED = [case if case.golden() or case.folder.parent.name == "comment" else thorough(case) for case in CASES]
# A script has the steps that are applied, of which those of each kind are proven above, in a few forms of its own.
SCRIPTED = set("column enum function index key table".split())
ROWS = """
select c.oid::regclass::text
  from pg_catalog.pg_class c
  join pg_catalog.pg_namespace n on n.oid = c.relnamespace
 where c.relkind = 'r' and n.nspname not in ('pg_catalog', 'information_schema') and n.nspname !~ '^pg_t'"""
UPWARDS = """
select s.seqrelid::regclass::text, s.seqincrement from pg_catalog.pg_sequence s where s.seqincrement > 0"""
EVENTS = (
    "create table public.ddl_events (command text)",
    """
    create function public.note_ddl() returns event_trigger language plpgsql as $$
    begin insert into public.ddl_events select command_tag from pg_event_trigger_ddl_commands(); end $$""",
    "create event trigger note_ddl on ddl_command_end execute function public.note_ddl()",
)
TITLE = "Repair of a case."
BLOCK = re.compile(r"^do (\$repair\w*\$)\n.*?^\1;$", re.MULTILINE | re.DOTALL)
# The server can print the query of a view only when the first plan has brought the column that it names; a function
# that is replaced, and recreated for a default too many, is recreated by the second plan.
OF_TWO_PLANS = {"view/violation_refused", "function/violation_definition_named"}
# These ask for the highest number before they take their lock, not under it.
COUNTS = re.compile(r"from a sequence of its own|as identity")


@pytest.fixture(scope="session")
def roles(server: DatabaseServer) -> None:
    make_roles(server.url)


def counts(connection: psycopg.Connection) -> dict[str, int]:
    """How many rows each table has."""
    connection.execute("set search_path to ''")
    names = [row[0] for row in connection.execute(ROWS.encode())]
    if not names:
        return {}
    each = " union all ".join(f"select %s, count(*) from {name.replace('%', '%%')}" for name in names)
    return dict(connection.execute(each.encode(), names).fetchall())


def values(connection: psycopg.Connection) -> dict[str, int]:
    """The next value of each sequence that counts upwards."""
    connection.execute("set search_path to ''")
    each = [
        f"select {literal(name)}, last_value + case when is_called then {step} else 0 end from {name}"
        for name, step in connection.execute(UPWARDS.encode()).fetchall()
    ]
    return dict(connection.execute(" union all ".join(each).encode()).fetchall()) if each else {}


def locks(step: Step) -> set[LockLevel]:
    """What a step may be seen to hold: GRANT locks its table from PostgreSQL 18 on, and nothing before."""
    return {step.lock, LockLevel.NONE} if step.lock is LockLevel.ACCESS_SHARE else {step.lock}


def said(report: Report) -> set[str]:
    return {finding.fingerprint for finding in report.findings}


@pytest.mark.usefixtures("roles")
@pytest.mark.parametrize("case", PLANNED, ids=lambda case: case.name)
def test_repair(case: Case, server: DatabaseServer, database: str, looking: psycopg.Connection, tmp_path: Path) -> None:
    require(case, server)
    build(case, looking)
    with read_by_one(database):
        adorn(looking)
        rows, before, counted = counts(looking), worn(looking), values(looking)
        first = propose.propose(database, case.contract, ALL)
        assert [one.reason for one in first.preflight.rows if "syntax error" in one.reason] == [], "our own queries"
        if not first.plan.steps:
            return
        if first.preflight.refusals:
            assert all(what and help_ for what, help_ in first.preflight.refusals)
            return

        assert lint(first.plan.steps, tmp_path) == []
        records, last = mend(database, case.contract, first=first)
        assert (len(records) > len(first.plan.steps)) is (case.name in OF_TWO_PLANS)

        for record in records:
            if record.outcome is StepOutcome.APPLIED and record.observed is not None:
                assert record.observed in locks(record.step), record.step.action
                heavy = record.step.lock > LockLevel.SHARE_UPDATE_EXCLUSIVE
                assert not (heavy and Hazard.SCAN in record.step.hazards) or COUNTS.search(record.step.action)
        assert {record.outcome for record in run_plan(database, first)} <= {StepOutcome.ALREADY}
        if not any(Hazard.DATA_LOSS in step.hazards for step in first.plan.steps):
            after = counts(looking)
            assert {name: after.get(name) for name in rows} == rows
            reached = values(looking)
            assert [name for name, value in counted.items() if reached.get(name, value) < value] == []
        assert not said(last.report) & {finding.fingerprint for finding in first.plan.promised}

        assert lost(before, worn(looking), [record.step for record in records]) == []


def test_an_extension_comes_into_the_schema_that_is_there_for_extensions(
    database: str, looking: psycopg.Connection, tmp_path: Path
) -> None:
    free = """select v.name from pg_available_extension_versions v join pg_available_extensions a
               on (a.name, a.default_version) = (v.name, v.version)
               where v.schema is null and v.requires is null and not v.installed order by v.name limit 1"""
    some = looking.execute(free.encode()).fetchone()
    if some is None:
        pytest.skip("the server has no extension that may be in any schema")
    looking.execute("create schema extensions")
    file = tmp_path / "expected.yaml"
    file.write_text(f"version: 1\nextensions: [{some[0]}]\n", encoding="utf-8")
    mend(database, file)
    found = looking.execute("select extnamespace::regnamespace::text from pg_extension where extname = %s", some)
    assert found.fetchall() == [("extensions",)]


@pytest.mark.usefixtures("roles")
@pytest.mark.parametrize("case", first_of_each_kind(CASES, SCRIPTED), ids=lambda case: case.name)
def test_the_script_leads_to_where_applying_leads(
    case: Case, server: DatabaseServer, make_database: MakeDatabase
) -> None:
    require(case, server)
    url = make_database()
    build(case, url)
    adorn(url)
    first = propose.propose(url, case.contract, ALL)
    if not first.plan.steps or first.preflight.refusals:
        return
    copies = [make_database(server.copied(url)) for _ in range(1 if alike(first.plan) else 2)]
    _, last = mend(url, case.contract, first=first)
    # Whether psql runs it or one query is made of it.
    for copy, transactional in zip(copies, (False, True), strict=False):
        check_script(case, copy, said(last.report), first, transactional=transactional)


def alike(plan: Plan) -> bool:
    """Whether both scripts do one thing, in the same words: there is nothing that one transaction holds together."""
    if any(step.concurrent for step in plan.steps):
        return False
    try:
        scripts = [script.render(plan, title=TITLE, transactional=one, repairs={}) for one in (False, True)]
    except UsageError:
        return False
    alone, together = ([block[0] for block in BLOCK.finditer(text)] for text in scripts)
    return len(alone) == 1 and alone[0] in together


def check_script(case: Case, url: str, left: set[str], proposal: Proposal, *, transactional: bool) -> None:
    """The scripts lead to what is `left`, and run again they change nothing and fire nothing."""
    for _ in range(ROUNDS):
        if not proposal.plan.steps:
            break
        try:
            text = script.render(proposal.plan, title=TITLE, transactional=transactional, repairs={})
        except UsageError:
            assert transactional
            return
        run_ = run_at_once if transactional else run_script
        run_(url, text)
        with connect(url) as connection:
            for statement in EVENTS:
                connection.execute(statement.encode())
        before = traces(url)
        run_(url, text)
        assert traces(url) == before
        with connect(url) as connection:
            fired = connection.execute("select command from public.ddl_events").fetchall()
            connection.execute("drop event trigger note_ddl")
            connection.execute("drop table public.ddl_events")
            connection.execute("drop function public.note_ddl")
        assert fired == []
        proposal = propose.propose(url, case.contract, ALL)
    assert said(proposal.report) == left

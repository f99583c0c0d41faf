"""Randomised convergence: whatever DDL does to the good system, repair leads back, or names what it leaves."""

from __future__ import annotations

import os
from collections import Counter
from contextlib import suppress
from typing import TYPE_CHECKING, Any, NamedTuple

import psycopg
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from caserunner import traces
from drifting import CONTRACT, drifts
from mending import ALL, session
from servers import connect
from sessionaudit.core.finding import Severity
from sessionaudit.demo import system
from sessionaudit.errors import RepairError
from sessionaudit.repair import propose
from sessionaudit.repair.apply import StepOutcome

if TYPE_CHECKING:
    from collections.abc import Sequence

    from servers import DatabaseServer
    from sessionaudit.repair.apply import Record
    from sessionaudit.repair.propose import Proposal

CALLS = 5  # of a repair, each of several rounds
EXPLORING = "SESSIONAUDIT_EXAMPLES" in os.environ
PROFILE = settings(
    max_examples=int(os.environ.get("SESSIONAUDIT_EXAMPLES", "5")),
    derandomize=not EXPLORING,
    deadline=None,
    database=None,
    phases=(Phase.generate,),  # a failure is made minimal here, statement by statement
    suppress_health_check=list(HealthCheck),
)


class Rows(NamedTuple):
    """A table's rows, as JSON, and its columns' types."""

    types: dict[str, str]
    rows: list[dict[str, Any]]


TABLES_NOW = """
select c.oid::pg_catalog.regclass::text,
       (select pg_catalog.jsonb_object_agg(a.attname, pg_catalog.format_type(a.atttypid, a.atttypmod))
          from pg_catalog.pg_attribute a where a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped)
  from pg_catalog.pg_class c
  join pg_catalog.pg_namespace n on n.oid = c.relnamespace
 where c.relkind = 'r' and n.nspname in ('public', 'auth')
 order by 1"""


def rows(url: str) -> dict[str, Rows]:
    """What the tables hold."""
    with connect(url) as connection:
        connection.execute("set search_path to ''")
        tables = connection.execute(TABLES_NOW.encode()).fetchall()
        return {
            name: Rows(
                types or {}, [row[0] for row in connection.execute(f"select to_jsonb(t) from only {name} t".encode())]
            )
            for name, types in tables
        }


def values(table: Rows, like: Rows) -> Counter[str]:
    """The rows as far as another state of the table has their columns; of those whose type changed, only the nulls."""
    same = {name: like.types[name] == type_ for name, type_ in table.types.items() if name in like.types}
    return Counter(
        repr([(name, row[name] if same[name] else row[name] is None) for name in sorted(same)]) for row in table.rows
    )


def disturb(url: str, statements: Sequence[str], role: str) -> list[str]:
    """Run what can be run; gives it."""
    done: list[str] = []
    with connect(url) as connection:
        connection.execute(f"set role {role}".encode())
        for statement in statements:
            with suppress(psycopg.Error):
                connection.execute(statement.encode())
                done.append(statement)
    return done


def unnamed(last: Proposal) -> list[str]:
    """The findings that are left and that neither the plan names nor their rule lets be."""
    steps = (*last.plan.steps, *(held.step for held in last.plan.held))  # what is left of these was refused
    known = {one.finding.fingerprint for one in last.plan.uncured}
    refs = {step.ref for step in steps} | {condition.ref for step in steps for condition in step.provides}
    return [
        f"{finding.rule.name}: {finding.message}"
        for finding in last.report.findings
        if not finding.rule.name.startswith("unexpected-")
        and finding.severity is not Severity.NOTE
        and finding.fingerprint not in known
        and finding.ref not in refs
    ]


# What may have no cure on a table; on a view next to nothing has.
INCURABLE = {
    "column-nullability": "it is an identity, and keeps that with its type, which its values do not fit",
    "excess-grant": "it comes through PUBLIC, which the contract does not name",
    "forbidden-grant": "the same",
    "missing-check": "a constraint of another sort has the name",
    "missing-foreign-key": "the same",
    "missing-key": "the same",
    "missing-publication": "a view has the table's name",
    "public-grant": "nothing is revoked unasked",
    "reached-grant": "who owns a table, and who is a member of whom, a person decides",
    "unbound-role": "whom row security binds, a person decides",
    "closed-grant": "who may call a function, a person decides",
    "unenforced-constraint": "what a child table is without, a person decides",
    "relation-kind": "what is no table, a person makes",
    "blocking-column": "it is in the primary key",
}


def needlessly_uncured(last: Proposal) -> list[str]:
    """The findings without a cure for which there should be one."""
    tables = last.examination.actual.objects["table"]
    views = {path for path, table in tables.items() if table.kind == "view"}
    return [
        f"no cure: {one.finding.rule.name}: {one.finding.message}"
        for one in last.plan.uncured
        if one.finding.severity is not Severity.NOTE
        and not one.finding.rule.name.startswith("unexpected-")
        and one.finding.rule.name not in INCURABLE
        and one.finding.ref.path[:2] not in views
    ]


def check(server: DatabaseServer, statements: Sequence[str], role: str) -> Proposal:
    """Let the good system drift, mend it, and give the last plan."""
    url = server.create(server.template("good", system.statements(system.GOOD)))
    try:
        told = ";\n".join(disturb(url, statements, role))
        before = rows(url)
        who = acting(url, role)
        last = mended(who, told)[1]
        wrong = [*unnamed(last), *needlessly_uncured(last)]
        assert not wrong, "\n".join([*wrong, "after:", told])
        after = rows(url)
        for name, table in before.items():
            assert name in after, f"{name} is gone after:\n{told}"
            assert values(table, after[name]) == values(after[name], table), f"rows of {name} changed after:\n{told}"
        traced = traces(url)
        assert mended(who, told)[0] == [], told
        assert traces(url) == traced, told
        return last
    finally:
        server.drop(url)


def mended(url: str, told: str) -> tuple[list[Record], Proposal]:
    """Repair until nothing more can be done; gives what was done, and the last plan.

    Rows may stop a step that could not be looked at before the plan ran, as those that point to a table which it
    makes anew. PostgreSQL may refuse one that follows from something that is held back or has no cure.
    """
    every: list[Record] = []
    for _ in range(CALLS):
        rounds = session(url, CONTRACT)
        try:
            rounds.run()
        except RepairError:
            pytest.fail(f"{rounds.proposal.preflight.refusals}, after: {told}")
        records, proposal = rounds.records, rounds.proposal
        assert StepOutcome.IN_DOUBT not in {record.outcome for record in records}, told
        failed = [f"{record.step.sql}: {record.detail}" for record in records if record.outcome is StepOutcome.FAILED]
        assert not failed or named(proposal), "\n".join([*failed, "after:", told])
        applied = [record for record in records if record.outcome is StepOutcome.APPLIED]
        if not applied:
            return every, proposal
        every += applied
    raise AssertionError("\n".join([*(f"again: {record.step.sql}" for record in applied), "after:", told]))


def named(proposal: Proposal) -> bool:
    """Whether something is left that may keep a step from running."""
    uncured = (one.finding for one in proposal.plan.uncured)
    return bool(proposal.plan.held) or any(finding.severity is not Severity.NOTE for finding in uncured)


def acting(url: str, role: str) -> str:
    """The URL by which to work as a role; as the superuser, where the role may not do all that is to be done."""
    if role == "none":
        return url
    who = f"{url}{'&' if '?' in url else '?'}options=-c%20role%3D{role}"
    refusals = propose.propose(who, CONTRACT, ALL).preflight.refusals
    assert all(what and help_ for what, help_ in refusals)
    return url if refusals else who


def minimal(server: DatabaseServer, statements: Sequence[str], role: str) -> str:
    """What is wrong, after as few of the statements as lead to it."""
    wrong, rest = "", list(statements)
    for statement in ("", *statements):
        fewer = [other for other in rest if other is not statement]
        try:
            check(server, fewer, role)
        except AssertionError as error:
            wrong, rest = str(error), fewer
    return wrong


DRIFT = given(statements=drifts(), role=st.sampled_from(["none", "app_owner"]))


@pytest.mark.thorough
@pytest.mark.timeout(0 if EXPLORING else 300)
@PROFILE
@DRIFT
def test_repair_leads_back_from_any_drift_or_names_what_it_leaves(
    server: DatabaseServer, statements: list[str], role: str
) -> None:
    leads_back(server, statements, role)


@pytest.mark.slow
@settings(PROFILE, max_examples=20)
@DRIFT
def test_repair_leads_back_from_many_drifts_or_names_what_it_leaves(
    server: DatabaseServer, statements: list[str], role: str
) -> None:
    leads_back(server, statements, role)


def leads_back(server: DatabaseServer, statements: list[str], role: str) -> None:
    try:
        check(server, statements, role)
    except AssertionError:
        pytest.fail(minimal(server, statements, role))

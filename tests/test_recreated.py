"""What a step recreates is as it was when the plan was made; what other steps change of it is not undone."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from mending import ALL, mend, run_at_once, run_plan, run_script
from sessionaudit.audits.runner import Options, run
from sessionaudit.repair import propose, script
from sessionaudit.repair.apply import StepOutcome
from test_drops import Drop as Case
from test_drops import made

if TYPE_CHECKING:
    from pathlib import Path

    from servers import DatabaseServer

ACCESS = Case(
    """create table t (id int, v text, m numeric(8,3)); create index ix on t (lower(v)) where m > 0;
    create view vw as select id, v from t; grant select on vw to pg_monitor; comment on view vw is 'old'""",
    """tables:
  t:
    columns: {id: int, v: varchar(10), m: "numeric(5,2)"}
    indexes: {ix: "(lower((v)::text)) where (m > (0)::numeric)"}
views:
  vw:
    {query: "select id, v from t", owner: pg_read_all_stats, options: [security_barrier], grants: {pg_monitor: absent}}
comments: {view vw: new, column vw.id: new}""",
)
CASES = {
    "access to a view of a column that changes its type": ACCESS,
    "a generated column that becomes an ordinary one, and a check that goes": Case(
        """create table t (id int, n numeric, g int generated always as (n::int) stored, m numeric(8,3),
        constraint ck check (n > 0 and m > 0)); create view vw as select id, n, g from t""",
        """tables:
  t: {columns: {id: int, "n": bigint, g: integer, m: "numeric(5,2)"}, constraints: {ck: absent}}
views: {vw: {query: "select id, n, g from t", options: [security_barrier]}}""",
    ),
    "what is on a table whose column changes its type": Case(
        """create table t (id int, v text);
        create function tf() returns trigger language plpgsql as 'begin return new; end';
        create trigger tg after update of v on t for each row execute function tf();
        create policy p on t for select using (v <> ''); comment on policy p on t is 'old'""",
        """tables:
  t:
    columns: {id: int, v: varchar(10)}
    row_security: enabled
    policies: {p: {for: select, to: [pg_monitor], using: "(v)::text <> ''::text"}}
    triggers: {tg: {definition: after update of v on t for each row execute function tf(), enabled: disabled}}
comments: {policy p on t: new, trigger tg on t: new}""",
    ),
    "a function that sessions compile again": Case(
        """create table t (v text); create function f() returns bigint language plpgsql security definer
        as 'begin return (select count(*) from t); end'""",
        """tables: {t: {columns: {v: varchar(10)}}}
functions:
  f(): returns bigint language plpgsql security invoker as 'begin return (select count(*) from t); end'""",
    ),
    "an index of a partitioned table, and of its partitions": Case(
        """create table t (id int, v text, n numeric) partition by range (id);
        create table "p.1" partition of t for values from (0) to (9) partition by range (id);
        create table q partition of "p.1" for values from (0) to (5); create index ix on t (lower(v)) where n > 0;
        comment on index q_lower_idx is 'old'""",
        """tables:
  t: {columns: {id: int, v: varchar(10), "n": bigint}, indexes: {ix: "(lower((v)::text)) where n > 1"}}
comments: {index q_lower_idx: new}""",
    ),
    "an enum, and the view and the comments that depend on it": Case(
        """create type e as enum ('x', 'z'); create table t (a e); comment on type e is 'old';
        create view vw as select a from t; grant select on vw to pg_monitor""",
        """enums: {e: [z, x]}
views: {vw: {query: select a from t, grants: {pg_monitor: absent}}}
comments: {type e: new}""",
    ),
}
MANNERS = ("plan", "editor")


@pytest.fixture(scope="module")
def url(server: DatabaseServer) -> str:
    return server.create()


@pytest.mark.parametrize("manner", ["psql", *(pytest.param(name, marks=pytest.mark.thorough) for name in MANNERS)])
@pytest.mark.parametrize("name", CASES)
def test_what_is_recreated_is_as_the_contract_has_it(url: str, tmp_path: Path, name: str, manner: str) -> None:
    file = made(url, tmp_path, CASES[name], f"{manner}{[*CASES].index(name)}")
    proposal = propose.propose(url, file, ALL)
    assert [held.reason for held in proposal.plan.held] == []

    if manner == "plan":
        records = run_plan(url, proposal)
        assert {record.outcome for record in records} <= {StepOutcome.APPLIED, StepOutcome.ALREADY}, records
    else:
        text = script.render(proposal.plan, title="", transactional=manner == "editor", repairs={})
        (run_at_once if manner == "editor" else run_script)(url, text)

    left = run(url, file, Options()).findings
    assert [finding.message for finding in left if not finding.rule.name.startswith("unexpected-")] == []


def test_what_would_be_undone_waits_for_another_plan(url: str, tmp_path: Path) -> None:
    case = Case(
        """create table t (v text); create function f() returns text language plpgsql security definer
        as 'begin return (select count(*) from t); end'""",
        """tables: {t: {columns: {v: varchar(10) default f()}}}
functions:
  f(): returns text language plpgsql security invoker as 'begin return (select count(*) from t); end'""",
    )
    file = made(url, tmp_path, case, "waiting")
    first = propose.propose(url, file, ALL)
    (held,) = first.plan.held
    assert "as it is now" in held.reason
    assert held.again

    mend(url, file, first=first)

    left = run(url, file, Options()).findings
    assert [finding.message for finding in left if not finding.rule.name.startswith("unexpected-")] == []

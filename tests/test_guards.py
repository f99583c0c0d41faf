"""Nobody is let in before what keeps others out is there, whatever fails, is held back or is left out."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import pytest
from psycopg.errors import InsufficientPrivilege, ObjectNotInPrerequisiteState

from caserunner import make_roles
from marks import one_in
from mending import run_plan
from servers import connect
from sessionaudit.audits import runner
from sessionaudit.core.step import Hazard
from sessionaudit.errors import ChangedError
from sessionaudit.repair import propose, saved_plan, saved_proposal
from sessionaudit.repair.apply import StepOutcome

if TYPE_CHECKING:
    from pathlib import Path

    from servers import DatabaseServer

TABLE = "create table t (id int); insert into t values (1), (2);"
ON = "alter table t enable row level security;"
SECURED = "row_security: enabled, policies: {p: {using: id = 2}}, grants: {case_reader: [select]}"
BOTH = "policies: {p1: {using: 'true'}, p2: {as: restrictive, using: f(id)}}, grants: {case_reader: [select]}"
RESTRICTIVE = "policies: {p1: {using: 'true'}, p2: {as: restrictive, using: id = 2}}, grants: {case_reader: [select]}"
READ = "policy p1 on t using (true)"
GRANT = "Grant select on public.t to case_reader"
P1, P2 = "Create the policy p1 on public.t", "Create the policy p2 on public.t"


class Case(NamedTuple):
    """What makes the database, what the contract says of `t`, what the call names, and what is held back for what."""

    sql: str
    said: str
    held: dict[str, str]
    only: tuple[str, ...] = ()
    allowed: frozenset[Hazard] = frozenset()


OFF = "the row security of public.t is off, so roles that it should keep out would get access"
LAX = "the restrictive policy public.t.p2 is not as expected, so roles that it should keep out would get access"
VIEW = (
    "public.t is a view, and the contract expects a table: a role that is granted access sees everything that it shows"
)
CASES = {
    "row security that was left out": Case(TABLE, SECURED, {GRANT: OFF}, only=("grant *",)),
    "row security implied by policies that were left out": Case(
        TABLE, "policies: {p: {using: id = 2}}, grants: {case_reader: [select]}", {GRANT: OFF}, only=("missing-grant",)
    ),
    "a restrictive policy that was left out": Case(
        f"{TABLE}{ON}create {READ};", RESTRICTIVE, {GRANT: LAX}, only=("grant *",)
    ),
    "a restrictive policy that differs and was left out": Case(
        f"{TABLE}{ON}create {READ};create policy p2 on t as restrictive using (id > 0);",
        RESTRICTIVE,
        {GRANT: LAX},
        only=("grant *",),
    ),
    "a permissive policy alone": Case(
        f"{TABLE}{ON}grant select on t to case_reader;", RESTRICTIVE, {P1: LAX}, only=("policy public.t.p1",)
    ),
    "a permissive policy that becomes wider": Case(
        f"{TABLE}{ON}grant select on t to case_reader;create policy p1 on t using (id = 9);",
        RESTRICTIVE,
        {"Alter the policy p1 on public.t": LAX},
        only=("policy-using",),
    ),
    "a view where a table is meant": Case(
        "create table b (id int); insert into b values (1); create view t as select id from b;", SECURED, {GRANT: VIEW}
    ),
    "a view where a table is meant without row security": Case(
        "create table b (id int); insert into b values (1); create view t as select id from b;",
        "grants: {case_reader: [select]}",
        {GRANT: VIEW},
    ),
    "a foreign table": Case(
        "create foreign data wrapper w; create server s foreign data wrapper w;"
        " create foreign table t (id int) server s;",
        f"kind: foreign table, {SECURED}",
        {
            GRANT: "public.t is a foreign table, which has no row security: "
            "a role that is granted access sees everything that it shows"
        },
    ),
}


VIEW_OF = (
    "create table b (id int, who text); insert into b values (1, 'x'); alter table b enable row level security;"
    " grant select on b to case_reader; create policy mine on b using (who = current_user);"
)
SEEING = "kind: view, options: [security_invoker], grants: {case_reader: [select]}"
CASES |= {
    "a view that reads as its owner": Case(
        f"{VIEW_OF}create view t as select id from b;",
        SEEING,
        {GRANT: "public.t has no security_invoker: a role that is granted access sees or writes more than intended"},
        only=("missing-grant",),
    ),
    "a view that is to be given its options": Case(f"{VIEW_OF}create view t as select id from b;", SEEING, {}),
}


@pytest.fixture
def roles(server: DatabaseServer) -> None:
    make_roles(server.url)


def made(url: str, folder: Path, sql: str, said: str) -> Path:
    with connect(url) as connection:
        connection.execute(sql.encode())
    contract = folder / "contract.yaml"
    contract.write_text(f"version: 1\ntables: {{t: {{{said}}}}}\n", encoding="utf-8")
    return contract


def read_by(url: str, role: str, table: str) -> list[int]:
    """What a role sees; nothing where it may not look."""
    with connect(url) as connection:
        connection.execute(f"set role {role}".encode())
        try:
            return [row[0] for row in connection.execute(f"select id from public.{table} order by 1".encode())]
        except (InsufficientPrivilege, ObjectNotInPrerequisiteState):  # a foreign table of no server's
            return []


def options(only: tuple[str, ...] = (), allowed: frozenset[Hazard] = frozenset()) -> propose.PlanOptions:
    return propose.PlanOptions(reading=runner.Options(only=only), allowed=allowed)


@pytest.mark.usefixtures("roles")
@pytest.mark.parametrize("name", [name for name in CASES if CASES[name].held])
def test_a_guard_that_is_not_there_holds_back_what_lets_in(database: str, tmp_path: Path, name: str) -> None:
    case = CASES[name]
    proposal = propose.propose(database, made(database, tmp_path, case.sql, case.said), options(case.only))
    assert {one.step.action: one.reason for one in proposal.plan.held} == case.held
    run_plan(database, proposal)
    assert read_by(database, "case_reader", "t") == []


@pytest.mark.usefixtures("roles")
@pytest.mark.parametrize("existing", ["", ON], ids=["off", "on"])
def test_a_guard_that_is_held_back_holds_back_what_lets_in(database: str, tmp_path: Path, existing: str) -> None:
    said = f"{BOTH.replace('f(id)', 'id in (select id from v)')}}}, v: {{kind: view"
    contract = made(database, tmp_path, f"{TABLE}{existing}", said)
    proposal = propose.propose(database, contract, options())
    assert {one.step.action for one in proposal.plan.held} >= {P1, P2, GRANT}
    run_plan(database, proposal)
    assert read_by(database, "case_reader", "t") == []


@pytest.mark.usefixtures("roles")
@pytest.mark.parametrize("existing", ["", ON], ids=["off", "on"])
def test_a_policy_that_is_refused_stops_what_lets_in(database: str, tmp_path: Path, existing: str) -> None:
    proposal = propose.propose(database, made(database, tmp_path, f"{TABLE}{existing}", BOTH), options())
    outcomes = {record.step.action: record.outcome for record in run_plan(database, proposal)}
    assert outcomes.keys().isdisjoint({P1, P2, GRANT})
    assert {P1, GRANT} <= {held.step.action for held in proposal.plan.held}
    assert read_by(database, "case_reader", "t") == []


@pytest.mark.usefixtures("roles")
def test_a_guard_that_fails_stops_what_lets_in(database: str, tmp_path: Path) -> None:
    proposal = propose.propose(database, made(database, tmp_path, TABLE, SECURED), options())
    with connect(database) as connection, connection.transaction():
        connection.execute("select 1 from t")
        records = run_plan(database, proposal, lock_timeout=0.01, lock_wait=0.1)
    outcomes = {record.step.action: record.outcome for record in records}
    assert outcomes["Enable row security on public.t"] in {StepOutcome.FAILED, StepOutcome.NOT_REACHED}
    assert outcomes[GRANT] is StepOutcome.NOT_REACHED
    assert read_by(database, "case_reader", "t") == []


@pytest.mark.usefixtures("roles")
@pytest.mark.parametrize("said", [SECURED, RESTRICTIVE])
def test_with_its_guards_it_runs(database: str, tmp_path: Path, said: str) -> None:
    contract = made(database, tmp_path, TABLE, said)
    proposal = propose.propose(database, contract, options())
    assert proposal.plan.held == ()
    run_plan(database, proposal)
    assert read_by(database, "case_reader", "t") == [2]
    assert propose.propose(database, contract, options()).report.findings == ()


# A saved plan lets nobody in for whom nothing is left that keeps him out

LATER = {
    "row security": ("", SECURED, "alter table t disable row level security", "table public.t"),
    "row security that policies imply": (
        "",
        "policies: {p: {using: id = 2}}, grants: {case_reader: [select]}",
        "alter table t disable row level security",
        "table public.t",
    ),
    "a restrictive policy": ("", RESTRICTIVE, "drop policy p2 on t", "policy public.t.p2"),
    "a restrictive policy that is wider": (
        "",
        RESTRICTIVE,
        "alter policy p2 on t using (true)",
        "policy public.t.p2",
    ),
    "a restrictive policy that the plan makes": (
        "drop policy p2 on t",
        RESTRICTIVE,
        "create policy p2 on t as restrictive using (true)",
        "policy public.t.p2",
    ),
    "a table that the plan makes": (
        "drop table t",
        f"columns: {{id: int}}, {SECURED}",
        f"{TABLE} create policy p on t using (id = 2)",
        "table public.t",
    ),
}


@pytest.mark.usefixtures("roles")
@pytest.mark.parametrize("name", LATER)
def test_a_saved_plan_needs_its_guards_when_it_is_applied(database: str, tmp_path: Path, name: str) -> None:
    before, said, later, changed = LATER[name]
    contract = made(database, tmp_path, TABLE, said)
    run_plan(database, propose.propose(database, contract, options()))
    with connect(database) as connection:
        connection.execute(f"revoke select on t from case_reader; {before}".encode())
    proposal = propose.propose(database, contract, options())
    assert GRANT in [step.action for step in proposal.plan.steps]
    file = tmp_path / "plan.json"
    file.write_text(saved_proposal.dump(proposal, contract), encoding="utf-8")
    saved_proposal.recall(database, contract, options(), saved_plan.load(file))
    with connect(database) as connection:
        connection.execute(later.encode())
    with pytest.raises(ChangedError, match=changed):
        saved_proposal.recall(database, contract, options(only=("grant *",)), saved_plan.load(file))


# What USAGE on a schema opens beside

SHUT = f"{TABLE} create table u (id int); insert into u values (7); revoke all on schema public from public;"
OPENS = "USAGE on the schema public would also give case_reader access to public.u ({})"
WOKEN = {
    "its own": ("grant all on u to case_reader", OPENS),
    "a column": ("grant select (id) on u to case_reader", OPENS.format("select")),
    "through PUBLIC": ("grant select on u to public", OPENS.format("select")),
    "of a sequence": (
        "create sequence q; grant usage on q to case_reader",
        "USAGE on the schema public would also give case_reader access to public.q (usage)",
    ),
    "of a sequence into whose table it may not insert": (
        "create table w (id serial); grant usage on w_id_seq to case_reader",
        "USAGE on the schema public would also give case_reader access to public.w_id_seq (usage)",
    ),
    "of a function with its owner's rights": (
        "create function f(a int) returns int language sql security definer as 'select a'",
        "USAGE on the schema public would also give case_reader access to public.f(a integer) (execute)",
    ),
    "of members": (
        "grant select on u to case_opened",
        "USAGE on the schema public would also give case_reader access to public.u (select to case_opened)",
    ),
    "odd names": (
        """create table "a select \\ {" (id int); grant select on "a select \\ {" to case_reader""",
        """USAGE on the schema public would also give case_reader access to public."a select \\ {" (select)""",
    ),
    "of a view": ("create view w as select id from u; grant select on w to case_reader", OPENS.replace(".u", ".w")),
}


@pytest.mark.usefixtures("roles")
@pytest.mark.parametrize("name", one_in(3, WOKEN))
def test_usage_on_a_schema_is_held_back_with_what_else_it_opens(database: str, tmp_path: Path, name: str) -> None:
    sql, opened = WOKEN[name]
    contract = made(database, tmp_path, f"{SHUT}{sql}", "grants: {case_reader: [select]}")
    (held,) = propose.propose(database, contract, options()).plan.held
    assert held.step.action == GRANT
    assert opened.partition("{}")[0] in held.reason
    assert held.allow == (Hazard.OPEN,)
    assert "--allow open" in held.help
    run_plan(database, propose.propose(database, contract, options(allowed=frozenset({Hazard.OPEN}))))
    assert read_by(database, "case_reader", "t") == [1, 2]


@pytest.mark.usefixtures("roles")
@pytest.mark.parametrize(
    "said",
    ["{case_reader: [select]}", "{case_reader: ['select (id)']}", "{case_reader: all}", "{PUBLIC: [select]}"],
)
def test_usage_on_a_schema_may_open_what_the_contract_gives(database: str, tmp_path: Path, said: str) -> None:
    contract = made(
        database,
        tmp_path,
        f"{SHUT}grant select (id) on u to case_reader",
        f"grants: {{case_reader: [select]}}}}, u: {{grants: {said}",
    )
    proposal = propose.propose(database, contract, options())
    assert proposal.plan.held == ()
    run_plan(database, proposal)
    assert read_by(database, "case_reader", "u") == [7]


@pytest.mark.usefixtures("roles")
def test_usage_on_a_schema_opens_no_sequence_that_is_used_with_its_table(database: str, tmp_path: Path) -> None:
    """Nor a function that others call only by a trigger, or with rights of their own, or which the contract has."""
    others = (
        "create table w (id serial); grant all on w_id_seq to case_reader; grant insert on w to case_reader;"
        "create function f() returns int language sql as 'select 1';"
        "create function g() returns int language sql security definer as 'select 1';"
        "create function h() returns trigger language plpgsql security definer as 'begin return new; end';"
    )
    said = "grants: {case_reader: [select]}}, w: {grants: {case_reader: [insert]}"
    contract = made(database, tmp_path, f"{SHUT}revoke all on u from public;{others}", said)
    with contract.open("a", encoding="utf-8") as file:
        file.write("functions: {g(): returns int language sql security definer as 'select 1'}\n")
    proposal = propose.propose(database, contract, options())
    assert proposal.plan.held == ()
    assert len({step.risk.found.rows for step in proposal.plan.steps if step.risk}) == 1


@pytest.mark.usefixtures("roles")
def test_usage_is_given_on_a_schema_of_any_name(database: str, tmp_path: Path) -> None:
    with connect(database) as connection:
        connection.execute('create schema "a.B%"; create table "a.B%".t (id int)')
    contract = tmp_path / "contract.yaml"
    said = "tables: {t: {grants: {case_reader: [select]}}}"
    contract.write_text(f"version: 1\nschema: '\"a.B%\"'\n{said}\n", encoding="utf-8")
    records = run_plan(database, propose.propose(database, contract, options()))
    assert [record.outcome for record in records] == [StepOutcome.APPLIED]
    assert propose.propose(database, contract, options()).report.findings == ()


@pytest.mark.usefixtures("roles")
@pytest.mark.parametrize("to", ["case_reader", "public"])
def test_usage_on_a_schema_waits_for_what_guards_other_tables(database: str, tmp_path: Path, to: str) -> None:
    said = f"grants: {{case_reader: [select]}}}}, u: {{row_security: enabled, grants: {{{to}: [select]}}"
    contract = made(database, tmp_path, f"{SHUT}grant select on u to {to}", said)
    (held,) = propose.propose(database, contract, options(only=("grant public.t.*",))).plan.held
    assert held.reason == OFF.replace("public.t", "public.u")
    run_plan(database, propose.propose(database, contract, options()))
    assert read_by(database, "case_reader", "u") == []
    assert read_by(database, "case_reader", "t") == [1, 2]


@pytest.mark.usefixtures("roles")
@pytest.mark.parametrize("said", ["absent", "[insert]"])
def test_usage_on_a_schema_opens_nothing_that_the_contract_closes(database: str, tmp_path: Path, said: str) -> None:
    contract = made(
        database,
        tmp_path,
        f"{SHUT}grant select, insert on u to case_reader",
        f"grants: {{case_reader: [select]}}}}, u: {{grants: {{case_reader: {said}}}",
    )
    left_out = propose.propose(database, contract, options(only=("public.t",)))
    assert [one.step.action for one in left_out.plan.held] == [GRANT]
    run_plan(database, propose.propose(database, contract, options()))
    assert read_by(database, "case_reader", "u") == []
    assert read_by(database, "case_reader", "t") == [1, 2]

"""A slip in what the contract says of an object that is missing itself: told at its line, and no step fails for it."""

from __future__ import annotations

import json
import os
import re
import sys
from typing import TYPE_CHECKING, Any, NamedTuple

import pytest

import program
from caserunner import CASES, Case, build
from mending import ALL, mend
from servers import connect
from sessionaudit.audits import runner
from sessionaudit.core import sqlstate
from sessionaudit.postgres.similar_names import SimilarNames
from sessionaudit.repair import propose
from sessionaudit.repair.fixes import Fixes

if TYPE_CHECKING:
    from pathlib import Path

    from conftest import Template
    from servers import DatabaseServer
    from sessionaudit.core.finding import Finding

LIVE = """
create table o (id integer primary key, code text);
create table t (id integer primary key, title text);
create table x (there bigint, id integer);
create policy p on x using (id > 0);
create view seen as select id, title from t;
create function touch() returns trigger language plpgsql as 'begin return new; end';
create function four() returns integer language sql as 'select 4'
"""
# Each line that has a slip says what PostgreSQL complains of. What is `good` stands beside it, and follows from none.
CONTRACT = """version: 1
enums:
  mood: [a, b]
functions:
  f_good(): returns integer language sql as $$select 4$$
  f_later(): returns integer language sql as $$select to_come('x')$$
  f_language(): returns integer language sqll as $$select 4$$  # slip: sqll
  f_type(): returns intt language sql as $$select 4$$  # slip: intt
  f_body(): returns integer language sql as $$selct 4$$  # slip: selct
  f_plpgsql(): returns integer language plpgsql as $$begin retrn 4; end$$  # slip: retrn
  f_argument(intt): returns integer language sql as $$select 4$$  # slip: intt
tables:
  o:
    columns:
      id: integer not null
  t:
    columns:
      id: integer not null
      title: text
      c_good: text default lower('X')
      c_mood: mood default 'a'
      c_type: txt  # slip: txt
      c_value: integer default 'many'  # slip: many
      c_function: text default lowerr('x')  # slip: lowerr
      c_sequence: bigint default nextval('x_seq')  # slip: x_seq
      c_label: mood default 'c'  # slip: enum mood
      c_generated: text generated always as (lowerr(title)) stored  # slip: lowerr
      c_volatile: text generated always as (now()::text) stored  # slip: not immutable
      c_identity: text not null generated always as identity  # slip: identity
      c_collation: text collate "nope"  # slip: nope
    constraints:
      k_good: check (length(title) > 0)
      k_good_mood: check (c_mood <> 'b')
      k_syntax: check (id >=)  # slip: id >=
      k_column: check (titel > '')  # slip: titel
      k_function: check (lenght(title) > 0)  # slip: lenght
      k_query: check (id in (select 1))  # slip: subquery
      k_label: check (c_mood <> 'z')  # slip: enum mood
      k_follows: check (c_function <> 'x')
      u_good: unique (title)
      u_column: unique (titel)  # slip: titel
      r_good: foreign key (id) references o (id)
      r_target: foreign key (id) references custmer (id)  # slip: custmer
      r_column: foreign key (id) references o (idd)  # slip: idd
      r_own: foreign key (idd) references o (id)  # slip: idd
      r_type: foreign key (title) references o (id)  # slip: incompatible types
      r_unique: foreign key (title) references o (code)  # slip: no unique constraint
    indexes:
      i_good: using btree (lower(title))
      i_method: using btre (title)  # slip: btre
      i_column: using btree (titel)  # slip: titel
      i_opclass: using btree (title text_pattrn_ops)  # slip: text_pattrn_ops
      i_collation: using btree (title collate "nope")  # slip: nope
      i_predicate: using btree (title) where tilte is null  # slip: tilte
      i_function: using btree (lowerr(title))  # slip: lowerr
      i_option: using btree (title) with (filfactor = 50)  # slip: filfactor
      i_volatile: using btree (now())  # slip: IMMUTABLE
    triggers:
      g_good: before update for each row execute function touch()
      g_function: before update for each row execute function tuch()  # slip: tuch
      g_column: before update of titel for each row execute function touch()  # slip: titel
      g_when: before update for each row when (new.titel is null) execute function touch()  # slip: titel
      g_returns: before update for each row execute function four()  # slip: must return type trigger
    policies:
      p_good: {using: id > 0}
      p_using:
        for: select
        using: owned(id)  # slip: owned
      p_check: {for: insert, check: titel > ''}  # slip: titel
      p_type: {for: select, using: id}  # slip: boolean
      p_role: {to: [no_such_role], using: id > 0}  # slip: no_such_role
    grants:
      no_such_role: [insert]  # slip: no_such_role
      public: [select (titel)]  # slip: titel
  x:
    columns:
      there: bigit  # slip: bigit
      id: integer
    policies:
      p: {using: idd > 0}  # slip: idd
  seen:
    kind: view
    triggers:
      v_good: instead of update for each row execute function touch()
      v_function: instead of update for each row execute function tuch()  # slip: tuch
  "n":
    columns:
      id: integer not null
      total: integer default 0
      note: txt  # slip: txt
      tag: text default lowerr('x')  # slip: lowerr
    constraints:
      n_pkey: primary key (id)
      n_check: check (totl > 0)  # slip: totl
  m:
    columns:
      id: integer not null
      total: integer default 0
    constraints:
      m_pkey: primary key (id)
      m_good: check (total >= 0)
      m_good_o: foreign key (id) references o (id)
      m_check: check (totl >= 0)  # slip: totl
      m_n: foreign key (id) references "n" (id)
      m_target: foreign key (id) references o (idd)  # slip: idd
    indexes:
      m_index: using btre (id)  # slip: btre
publications:
  pub: [t]
  other: [custmer]  # slip: custmer
"""
SLIPS = {
    number: match[1]
    for number, line in enumerate(CONTRACT.splitlines(), start=1)
    if (match := re.search(r"  # slip: (.*)$", line))
}
REFUSED = "SA004"


class Told(NamedTuple):
    """What was found, what the applied plan came to with its exit code, and what a second run of both says."""

    findings: tuple[Finding, ...]
    code: int
    applied: dict[str, Any]
    left: tuple[Finding, ...]
    again: dict[str, Any]


def refusals(findings: tuple[Finding, ...]) -> list[tuple[str, str, int]]:
    return sorted(
        (str(one.ref), one.message, one.location.line if one.location else 0)
        for one in findings
        if one.rule.code == REFUSED
    )


def applied(url: str, contract: Path) -> tuple[int, dict[str, Any], str]:
    done = program.run(
        [sys.executable, "-m", "sessionaudit", "repair", "--apply", "--yes", "--format", "json", "-c", str(contract)],
        cwd=contract.parent,
        env={**os.environ, "DATABASE_URL": url},
        capture_output=True,
        text=True,
        timeout=120,
    )
    return done.returncode, json.loads(done.stdout), done.stderr


@pytest.fixture(scope="module")
def told(server: DatabaseServer, template: Template, tmp_path_factory: pytest.TempPathFactory) -> Told:
    """All slips in one contract, mended as far as it can be: each must be told beside all others."""
    url = server.create(template("slips", [LIVE]))
    contract = tmp_path_factory.mktemp("slips") / "c.yaml"
    contract.write_text(CONTRACT)
    findings = runner.run(url, contract, runner.Options()).findings
    code, plan, _ = applied(url, contract)
    left = runner.run(url, contract, runner.Options()).findings
    _, again, _ = applied(url, contract)
    server.drop(url)
    return Told(findings, code, plan, left, again)


@pytest.mark.parametrize("line", SLIPS, ids=[CONTRACT.splitlines()[line - 1].split(":")[0].strip() for line in SLIPS])
def test_a_slip_is_told_once_at_its_line(told: Told, line: int) -> None:
    messages = [message for _, message, place in refusals(told.findings) if place == line]
    assert len(messages) == 1
    assert SLIPS[line] in messages[0]
    assert "pg_temp" not in messages[0]


def test_nothing_else_is_a_slip(told: Told) -> None:
    assert {line for _, _, line in refusals(told.findings)} == {*SLIPS}


def test_what_follows_from_no_slip_is_mended_and_nothing_fails(told: Told) -> None:
    assert {step["outcome"] for step in told.applied["steps"]} <= {"applied", "already so"}
    missing = {one.ref.path[-1] for one in told.left if one.rule.name.startswith("missing-")}
    assert not [name for name in missing if "good" in name]
    assert {"k_follows", "n"} <= missing
    assert told.code == 1


def test_what_is_not_done_is_named(told: Told) -> None:
    named = {one["object"] for one in (*told.applied["uncured"], *told.applied["held"])}
    assert {name for name, _, _ in refusals(told.findings)} <= named
    assert "check public.t.k_follows" in named


def test_a_second_run_says_the_same(told: Told) -> None:
    assert refusals(told.left) == refusals(told.findings)
    assert told.again["steps"] == []


def written(tmp_path: Path, text: str) -> Path:
    file = tmp_path / "c.yaml"
    file.write_text(f"version: 1\n{text}")
    return file


ALONE = """tables:
  t:
    columns: {id: integer not null, total: integer}
    constraints:
      k: check (total >=)
      k_function: check (lenght(id) > 0)
      r: foreign key (id) references custmer (id)
"""
UNTRIED: dict[str, tuple[dict[str, Any], str, str]] = {
    "--read-only": ({"read_only": True}, "", "--read-only forbids asking the server"),
    "a connection that may only read": ({}, "default_transaction_read_only=on", "the connection is read-only"),
    "a role without TEMPORARY": ({}, "role=case_reader", "may not create temporary tables"),
}


@pytest.mark.parametrize("name", UNTRIED)
def test_what_could_not_be_tried_is_said_and_what_can_be_read_is_found(
    database: str, tmp_path: Path, name: str
) -> None:
    options, setting, reason = UNTRIED[name]
    with connect(database) as connection:
        connection.execute("create table t (id integer not null)")
        connection.execute("do $$begin create role case_reader; exception when duplicate_object then end$$")
        connection.execute(f"revoke temporary on database {connection.info.dbname} from public".encode())
    url = f"{database}?options=-c%20{setting.replace('=', '%3D')}" if setting else database
    report = runner.run(url, written(tmp_path, ALONE), runner.Options(**options))
    assert [line for _, _, line in refusals(report.findings)] == [6, 8]
    (note,) = report.notes
    assert "the definitions of some missing objects were not tried" in note
    assert reason in note


def test_the_sql_of_cures_adds_no_second_finding(database: str, tmp_path: Path) -> None:
    with connect(database) as connection:
        connection.execute("create table t (id integer not null)")
    file = written(tmp_path, ALONE)
    report = runner.run(database, file, runner.Options(fixes=Fixes()))
    assert [line for _, _, line in refusals(report.findings)] == [6, 7, 8]
    assert [one.fix for one in report.findings if one.ref.path[-1] in {"k", "k_function", "r"}] == [()] * 6
    code, plan, _ = applied(database, file)
    assert (code, [step["action"] for step in plan["steps"]]) == (1, ["Add the column public.t.total"])


# Nothing here is a slip, though no stand-in alone could bear it.
SOUND = {
    "tables that refer to each other": (
        "",
        """tables:
  a:
    columns: {id: integer not null, b: integer}
    constraints: {a_pkey: primary key (id), a_b: foreign key (b) references b (id)}
  b:
    columns: {id: integer not null, a: integer}
    constraints: {b_pkey: primary key (id), b_a: foreign key (a) references a (id)}
""",
    ),
    "one name in two schemas": (
        "create schema auth; create table auth.users (id uuid primary key); create table users (id uuid)",
        """tables:
  users:
    columns: {id: uuid, more: text}
    constraints: {k: foreign key (id) references auth.users (id)}
    policies: {p: {using: "exists (select from auth.users u where u.id = users.id and users.more is null)"}}
""",
    ),
    "a function of a missing table's row": (
        "",
        """functions:
  f(a): returns text language sql as 'select ($1).x'
  g(integer): returns setof a language sql as 'select * from a'
tables:
  a:
    columns: {id: integer not null, x: text}
    constraints: {k: check (id > 0)}
""",
    ),
    "a function of the contract in what is missing too": (
        "create table a (id integer)",
        """functions:
  f(integer): returns boolean language sql immutable as 'select $1 > 0'
  g(): returns trigger language plpgsql as 'begin return new; end'
tables:
  a:
    columns: {id: integer, new: boolean default f(1)}
    constraints: {k: check (f(id))}
    indexes: {i: using btree (f(id))}
    triggers: {t: before insert for each row execute function g()}
    policies: {p: {using: public.f(id)}}
""",
    ),
    "an unlogged table, with what fills its columns": (
        "",
        """tables:
  a:
    persistence: unlogged
    columns:
      id: bigint not null generated always as identity
      number: bigserial
      up: bigint generated always as (number + 1) stored
    constraints: {a_pkey: primary key (id)}
    grants: {public: [select (number)]}
""",
    ),
}


@pytest.mark.parametrize("name", SOUND)
def test_what_is_sound_is_no_slip(database: str, tmp_path: Path, name: str) -> None:
    sql, contract = SOUND[name]
    with connect(database) as connection:
        for statement in filter(None, sql.split("; ")):
            connection.execute(statement.encode())
    file = written(tmp_path, contract)
    assert refusals(runner.run(database, file, runner.Options()).findings) == []
    assert propose.propose(database, file, propose.PlanOptions()).examination.refused == frozenset()


def test_no_code_of_the_contract_is_run(database: str, tmp_path: Path) -> None:
    """PostgreSQL works out what is immutable before there is any row: a contract may be a stranger's."""
    text = """functions:
  f(x integer): returns integer language plpgsql immutable as 'begin return 1 / 0; end'
tables:
  t:
    columns: {id: integer not null, more: integer default public.f(1)}
    constraints: {k: check (id > public.f(1))}
    indexes: {i: using btree (id) where id > public.f(1)}
"""
    with connect(database) as connection:
        connection.execute("create table t (id integer not null)")
    assert refusals(runner.run(database, written(tmp_path, text), runner.Options()).findings) == []


def test_where_no_stand_in_can_be_made_that_is_said(database: str, tmp_path: Path) -> None:
    with connect(database) as connection:
        connection.execute("create table t (id integer not null)")
        connection.execute(
            "create function no() returns event_trigger language plpgsql as 'begin raise ''not today''; end'"
        )
        connection.execute("create event trigger no on ddl_command_start execute function no()")
        report = runner.run(database, written(tmp_path, ALONE), runner.Options())
        connection.execute("drop event trigger no")
    assert [line for _, _, line in refusals(report.findings)] == [6, 8]
    (note,) = report.notes
    assert note.endswith("public.t could not be copied: not today")


def test_no_real_table_is_locked(database: str, tmp_path: Path) -> None:
    with connect(database) as connection, connection.transaction():
        connection.execute("create table t (id integer primary key)")
    with connect(database) as connection, connection.transaction():
        connection.execute("lock table t in access exclusive mode")
        found = runner.run(database, written(tmp_path, ALONE), runner.Options(statement_timeout=5)).findings
    assert [line for _, _, line in refusals(found)] == [6, 7, 8]


def test_a_schema_that_may_be_misspelt_is_not_created(database: str) -> None:
    case = Case(CASES / "schema" / "violation_misspelt")
    build(case, database)
    proposal = propose.propose(database, case.contract, ALL)
    (uncured,) = (one for one in proposal.plan.uncured if str(one.finding.ref) == "schema biling")
    assert uncured.finding.message.endswith("Did you mean “billing”? Is this the right database?")
    assert uncured.help == "If it is to be created, name it under “schemas” in the contract."
    assert not [step.why for step in proposal.plan.steps if "?" in step.why]
    assert [one.step.action for one in proposal.plan.held if "p_bill" in one.step.action]
    mend(database, case.contract, first=proposal)
    with connect(database) as connection:
        made = connection.execute("select nspname from pg_namespace where nspname ~ '^(bil|far)' order by 1").fetchall()
    assert [name for (name,) in made] == ["billing", "billing_2", "far"]


MEANT = {
    "bigit": "bigint",
    "intt": "int",
    "txt": "text",
    "lowerr": "lower",
    "lenght": "length",
    "tuch": "touch",
    "sqll": "sql",
    "titel": "title",
    "tilte": "title",
    "totl": "total",
    "idd": "id",
    "btre": "btree",
    "text_pattrn_ops": "text_pattern_ops",
}


def test_what_was_perhaps_meant_is_told(told: Told) -> None:
    for _, message, line in refusals(told.findings):
        meant = MEANT.get(SLIPS[line])
        assert ("Did you mean" in message) == (meant is not None), message
        assert meant is None or f"Did you mean “{meant}”?" in message


def test_what_may_be_meant_is_read_once(database: str) -> None:
    """Thousands of columns may have the same wrong default."""
    with connect(database) as connection:
        names = SimilarNames(connection)
        first = names.hint(sqlstate.UNDEFINED_FUNCTION, "lowwer", [("public", "t", "a")])
    assert connection.closed
    assert names.hint(sqlstate.UNDEFINED_FUNCTION, "lowwer", [("public", "u")]) == first == "Did you mean “lower”?"
    assert names.hint(sqlstate.UNDEFINED_FUNCTION, "uppper", []) == "Did you mean “upper”?"

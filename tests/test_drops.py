"""What is dropped goes in an order that PostgreSQL takes, in one plan; what cannot go is held back with the reason."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import pytest

from marks import one_in
from mending import ALL, run_plan
from servers import connect
from sessionaudit.audits.runner import Options, run
from sessionaudit.core.step import Hazard
from sessionaudit.repair import propose, way_back
from sessionaudit.repair.apply import StepOutcome

if TYPE_CHECKING:
    from pathlib import Path

    from servers import DatabaseServer

REFERRING = "create table a (id int primary key, x int); create table b (id int primary key, a_id int references a);"
CIRCLE = f"{REFERRING} alter table a add foreign key (x) references b;"
PARTED = """
create table p (a int) partition by list (a);
create table q partition of p for values in (1);
create table r partition of p for values in (2, 3) partition by list (a);
create table leaf partition of r for values in (2);
"""
CALLED = "create function f({0}) returns int immutable language sql as 'select 1';"
NO_CALLED = "functions: {{f({0}): absent}}"


class Drop(NamedTuple):
    """What makes a schema, in which nothing is qualified, and the contract; the schema is `{s}` in it."""

    sql: str
    contract: str


# The names are so that neither the kinds nor the alphabet give the order.
ORDERED = {
    "tables that refer to each other": Drop(CIRCLE, "tables: {a: absent, b: absent}"),
    "three tables in a circle": Drop(
        f"{REFERRING} create table c (id int primary key references b); alter table a add foreign key (x) references c",
        "tables: {a: absent, b: absent, c: absent}",
    ),
    "a table that refers to itself": Drop(
        "create table a (id int primary key, x int references a)", "tables: {a: absent}"
    ),
    "views over views": Drop(
        "create table t (a int); create view v as select a from t; create view w as select a from v;"
        " create materialized view m as select a from w; create index on m (a)",
        "tables: {t: absent, v: absent, w: absent, m: absent}",
    ),
    "views over each other": Drop(
        "create view v as select 1 as a; create view w as select a from v; create or replace view v as select a from w",
        "tables: {v: absent, w: absent}",
    ),
    "tables that inherit": Drop(
        "create table p (a int); create table c () inherits (p); create table g () inherits (c)",
        "tables: {p: absent, c: absent, g: absent}",
    ),
    "a partitioned table": Drop(
        "create table p (a int) partition by list (a); create table q partition of p for values in (1)",
        "tables: {p: absent, q: absent}",
    ),
    "a function of a check": Drop(
        f"{CALLED.format('int')} create table t (a int, constraint z check (f(a) > 0))",
        "tables: {t: {columns: {a: int}, constraints: {z: absent}}}\n" + NO_CALLED.format("integer"),
    ),
    "a function of a default": Drop(
        f"{CALLED.format('')} create table t (a int default f(), b int)",
        "tables: {t: {columns: {a: absent, b: int}}}\n" + NO_CALLED.format(""),
    ),
    "a function of a default that becomes another": Drop(
        f"{CALLED.format('')} create table t (a int default f())",
        "tables: {t: {columns: {a: int default 2}}}\n" + NO_CALLED.format(""),
    ),
    "a function of an index": Drop(
        f"{CALLED.format('int')} create table t (a int); create index i on t (f(a))",
        "tables: {t: {columns: {a: int}, indexes: {i: absent}}}\n" + NO_CALLED.format("integer"),
    ),
    "a function of an index that becomes another": Drop(
        f"{CALLED.format('int')} create table t (a int); create index i on t (f(a))",
        "tables: {t: {columns: {a: int}, indexes: {i: using btree (a)}}}\n" + NO_CALLED.format("integer"),
    ),
    "a function of a policy": Drop(
        f"{CALLED.format('')} create table t (a int); create policy p on t using (f() = 1)",
        "tables: {t: {columns: {a: int}, policies: {p: absent}}}\n" + NO_CALLED.format(""),
    ),
    "a function of a policy that becomes another": Drop(
        f"{CALLED.format('')} create table t (a int); alter table t enable row level security;"
        " create policy p on t using (f() = 1)",
        "tables: {t: {policies: {p: {using: a > 0}}}}\n" + NO_CALLED.format(""),
    ),
    "a function of a view": Drop(
        f"{CALLED.format('')} create view v as select f()", "tables: {v: absent}\n" + NO_CALLED.format("")
    ),
    "a function of a trigger": Drop(
        "create function f() returns trigger language plpgsql as 'begin return new; end'; create table t (a int);"
        " create trigger g after insert on t for each row execute function f()",
        "tables: {t: {triggers: {g: absent}}}\n" + NO_CALLED.format(""),
    ),
    "a type that a function takes": Drop(
        "create type e as enum ('a'); create function z(e) returns int language sql as 'select 1';"
        " create table t (a e, b e[], c e)",
        "enums: {e: absent}\ntables: {t: {columns: {a: absent, b: absent, c: text}}}\nfunctions: {z(e): absent}",
    ),
    "a table whose rows a function takes": Drop(
        "create table t (a int); create function z(t) returns int language sql as 'select 1'",
        "tables: {t: absent}\nfunctions: {z(t): absent}",
    ),
    "a table whose rows another one holds": Drop(
        "create table a (id int); create table b (x a[])", "tables: {a: absent, b: absent}"
    ),
    "a sequence of another table's": Drop(
        "create table a (id serial); create table b (id int default nextval('a_id_seq'))",
        "tables: {a: absent, b: absent}",
    ),
    "a key with the table that refers to it": Drop(
        REFERRING, "tables: {a: {columns: {id: int not null}, constraints: {a_pkey: absent}}, b: absent}"
    ),
    "a key with the column that refers to it": Drop(
        REFERRING, "tables: {a: {constraints: {a_pkey: absent}}, b: {columns: {id: int not null, a_id: absent}}}"
    ),
    "an index with the foreign key that needs it": Drop(
        "create table b (id int); create unique index i on b (id); create table a (b_id int references b (id))",
        "tables: {b: {indexes: {i: absent}}, a: {constraints: {a_b_id_fkey: absent}}}",
    ),
    "a column with the view that shows it": Drop(
        "create table t (a int, b int); create view v as select a from t",
        "tables: {v: absent, t: {columns: {a: absent}}}",
    ),
    "a column with the view of a child": Drop(
        "create table t (a int, b int); create table u () inherits (t); create view v as select a from u",
        "tables: {v: absent, t: {columns: {a: absent}}}",
    ),
    "a key by which a view is grouped": Drop(
        "create table t (a int primary key, b int); create view v as select a, b from t group by a",
        "tables: {v: absent, t: {constraints: {t_pkey: absent}}}",
    ),
}
# What is held back, with a part of the reason.
HELD = {
    "a table to which another one refers": (
        Drop(
            f"{REFERRING} create table z (b_id int references b)",
            "tables: {b: absent, a: absent, other: {columns: {a: int}}}",
        ),
        "the constraint z_b_id_fkey on table {s}.z depends on it",
    ),
    "a circle to which another table refers": (
        Drop(
            f"{CIRCLE} create table z (b_id int references b)",
            "tables: {b: absent, a: absent, other: {columns: {a: int}}}",
        ),
        "the constraint z_b_id_fkey on table {s}.z depends on it",
    ),
    "a table under a view": (
        Drop(
            "create table t (a int); create view v as select a from t",
            "tables: {t: absent, other: {columns: {a: int}}}",
        ),
        "the view {s}.v depends on it",
    ),
    "a function of a policy": (
        Drop(
            f"{CALLED.format('')} create table t (a int); create policy p on t using (f() = 1)",
            "tables: {other: {columns: {a: int}}}\n" + NO_CALLED.format(""),
        ),
        "the policy p on table {s}.t depends on it",
    ),
    "a function of a check as it is to be": (
        Drop(
            f"{CALLED.format('int')} create table t (a int, constraint z check (f(a) > 0))",
            "tables: {other: {columns: {a: int}}, t: {constraints: {z: check (f(a) > 1)}}}\n"
            + NO_CALLED.format("integer"),
        ),
        "the constraint z on table {s}.t depends on it",
    ),
    "a table whose rows a function takes": (
        Drop(
            "create table t (a int); create function z(t) returns int language sql as 'select 1'",
            "tables: {t: absent, other: {columns: {a: int}}}",
        ),
        "the function {s}.z({s}.t) depends on it",
    ),
    "a partitioned table of which a partition stays": (
        Drop(
            f"{PARTED} insert into p values (1)",
            "tables: {p: absent, q: {columns: {a: int}}, other: {columns: {a: int}}}",
        ),
        "the table {s}.q would be dropped with it, and is in the contract",
    ),
    "a partitioned table of which a partition's partition stays": (
        Drop(PARTED, "tables: {p: absent, r: absent, leaf: {columns: {a: int}}, other: {columns: {a: int}}}"),
        "the table {s}.leaf would be dropped with it, and is in the contract",
    ),
    "a column that a child has from it": (
        Drop(
            "create table p (a int, b int); create table c () inherits (p)",
            "tables: {p: {columns: {a: int, b: absent}}, c: {columns: {b: int}}, other: {columns: {a: int}}}",
        ),
        "the column b of table {s}.c would be dropped with it, and is in the contract",
    ),
    "a table and a function that need each other": (
        Drop(
            "create table t (a int); create function f(t) returns int language sql as 'select 1';"
            " alter table t alter a set default f(null)",
            "tables: {t: absent, other: {columns: {a: int}}}\nfunctions: {f(t): absent}",
        ),
        "depend on each other: Drop the function {s}.f({s}.t) → Drop the table {s}.t",
    ),
}


@pytest.fixture(scope="module")
def url(server: DatabaseServer) -> str:
    return server.create()


def made(url: str, folder: Path, case: Drop, schema: str) -> Path:
    """Make a case's schema; gives the contract."""
    with connect(url) as connection:
        connection.execute(f"create schema {schema}; set search_path to {schema}; {case.sql}".encode())
    file = folder / "contract.yaml"
    file.write_text(f"version: 1\nschema: {schema}\n{case.contract}\n", encoding="utf-8")
    return file


@pytest.mark.parametrize("name", one_in(3, ORDERED))
def test_what_goes_goes_in_one_plan(url: str, tmp_path: Path, name: str) -> None:
    file = made(url, tmp_path, ORDERED[name], f"o{[*ORDERED].index(name)}")

    proposal = propose.propose(url, file, ALL)

    assert [held.reason for held in proposal.plan.held] == []
    records = run_plan(url, proposal)
    assert {record.outcome for record in records} <= {StepOutcome.APPLIED, StepOutcome.ALREADY}, records
    left = run(url, file, Options()).findings
    assert [finding.message for finding in left if not finding.rule.name.startswith("unexpected-")] == []


@pytest.mark.parametrize("name", HELD)
def test_what_cannot_go_is_held_back_and_keeps_nothing_else_from_running(url: str, tmp_path: Path, name: str) -> None:
    case, reason = HELD[name]
    schema = f"h{[*HELD].index(name)}"
    file = made(url, tmp_path, case, schema)

    proposal = propose.propose(url, file, ALL)

    assert [held.reason for held in proposal.plan.held if reason.replace("{s}", schema) in held.reason]
    assert {held.step.hazards for held in proposal.plan.held} <= {(Hazard.DATA_LOSS,), (Hazard.DROP,)}
    records = run_plan(url, proposal)
    assert records
    assert {record.outcome for record in records} == {StepOutcome.APPLIED}


def test_the_way_back_of_tables_that_refer_to_each_other(url: str, tmp_path: Path) -> None:
    one = """
  {0}:
    columns: {{id: int not null, x: int}}
    constraints: {{{0}_pkey: primary key (id), k: foreign key (x) references {1} (id)}}"""
    tables = f"tables:{one.format('a', 'b')}{one.format('b', 'a')}"
    file = made(url, tmp_path, Drop("", tables), "back")
    proposal = propose.propose(url, file, ALL)
    run_plan(url, proposal)
    back = tmp_path / "before.yaml"
    back.write_text(way_back.before((proposal,), "The way back."), encoding="utf-8")

    (step,) = (there := propose.propose(url, back, ALL)).plan.steps
    run_plan(url, there)

    assert step.sql == ("drop table back.a, back.b",)
    assert [finding.rule.name for finding in run(url, file, Options()).findings].count("missing-table") == 2


# What goes though nobody names it, as the action of the drop says.
UNASKED = {
    "partitions": (
        Drop(PARTED, "tables: {p: absent}"),
        "Drop the partitioned table {s}.p, which also drops {s}.leaf, {s}.q and {s}.r",
    ),
    "a partition that nobody names": (
        Drop(PARTED, "tables: {p: absent, q: absent}"),
        "Drop the partitioned table {s}.p, which also drops {s}.leaf and {s}.r",
    ),
    "a child's column": (
        Drop("create table p (a int, b int); create table c () inherits (p)", "tables: {p: {columns: {b: absent}}}"),
        "Drop the column {s}.p.b with its values, which also drops {s}.c.b",
    ),
}


@pytest.mark.parametrize("name", UNASKED)
def test_what_goes_unasked_is_named(url: str, tmp_path: Path, name: str) -> None:
    case, action = UNASKED[name]
    schema = f"u{[*UNASKED].index(name)}"
    file = made(url, tmp_path, case, schema)

    steps = propose.propose(url, file, ALL).plan.steps

    (step,) = (step for step in steps if "which also drops" in step.action)
    assert step.action == action.replace("{s}", schema)
    assert Hazard.DATA_LOSS in step.hazards
    assert {record.outcome for record in run_plan(url, propose.propose(url, file, ALL))} <= {
        StepOutcome.APPLIED,
        StepOutcome.ALREADY,
    }

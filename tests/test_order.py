"""What must come before what: one plan mends it all, or says before the first change why it cannot."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from msgspec.structs import replace

from marks import one_in
from mending import ALL, run_at_once, run_plan
from servers import connect
from sessionaudit.audits.runner import Options, run
from sessionaudit.core.held_back import Uncured
from sessionaudit.core.ref import ObjectRef
from sessionaudit.core.step import Hazard, Step
from sessionaudit.repair import propose, script
from sessionaudit.repair.apply import StepOutcome
from sessionaudit.repair.taken_along import taken_along
from sessionaudit.report import Canvas
from sessionaudit.report.plan import table
from sessionaudit.rulebook import UNCERTAIN
from test_drops import Drop as Case
from test_drops import made

if TYPE_CHECKING:
    from pathlib import Path
    from typing import Never

    from servers import DatabaseServer

PLAIN = Canvas()
FIRES = "create function f() returns trigger language plpgsql as 'begin return new; end'; "
LISTED = "create table zp (a int) partition by list (a); create table q partition of zp for values in (1); "
ON_BOTH = """tables:
  zp: {triggers: {g: before insert for each row execute function f()}}
  q: {kind: partition, triggers: {g: before insert for each row execute function f()}}"""
UNIQUE = "create table t (a int not null, b int); create unique index i on t (a); "
REFERRED = (
    f"{UNIQUE} alter table t add constraint k foreign key (b) references t (a); comment on constraint k on t is 'x';"
)
BOTH_ENDS = """
create table a (id text primary key, p text references a);
create table b (id int primary key, a_id text references a (id));
comment on constraint b_a_id_fkey on b is 'x';
insert into a values ('9b2f3e10-0000-4000-8000-000000000001'), ('9B2F3E10-0000-4000-8000-000000000002');
insert into b values (1, '9b2f3e10-0000-4000-8000-000000000001');"""
MENDED = {
    "a policy that calls a function with the row, which no copy of the table can show": Case(
        "create table t (a text, b int); create function f(t) returns boolean language sql as 'select true';"
        " create policy p on t using (f(t) and a is not null)",
        "tables: {t: {columns: {a: int}}}",
    ),
    "a new table with the type of the rows of a table that gets a column": Case(
        "create table t (id int)",
        "tables: {t: {columns: {id: int, a: int not null default 1}}, a: {columns: {id: int, tt: 't[]'}}}",
    ),
    "a privilege on a column that is to come": Case(
        "create table t (a int)", "tables: {t: {columns: {a: int, b: int}, grants: {public: ['select (a, b)']}}}"
    ),
    "a foreign key to a unique index of the same new table": Case(
        "",
        "tables: {t: {columns: {a: int not null, b: int}, indexes: {t_a_idx: unique using btree (a)},"
        " constraints: {t_b_fkey: foreign key (b) references t (a)}}}",
    ),
    "two new tables that refer to each other's unique indexes": Case(
        "",
        """tables:
  t:
    columns: {a: int, b: int}
    indexes: {t_i: unique using btree (a)}
    constraints: {t_k: foreign key (b) references u (a)}
  u:
    columns: {a: int, b: int}
    indexes: {u_i: unique using btree (a)}
    constraints: {u_k: foreign key (b) references t (a)}""",
    ),
    "a unique index that descends": Case(
        "create table t (a int not null, b int)",
        "tables: {t: {indexes: {i: unique using btree (a desc nulls last)},"
        " constraints: {k: foreign key (b) references t (a)}}}",
    ),
    "a unique index with its columns in another order": Case(
        "create table t (a int, b int, c int, d int)",
        "tables: {t: {indexes: {i: 'unique using btree (b, a) include (c)'},"
        " constraints: {k: 'foreign key (c, d) references t (a, b)'}}}",
    ),
    "an index that becomes unique": Case(
        "create table t (a int, b int); create index i on t (a)",
        "tables: {t: {indexes: {i: unique using btree (a)}, constraints: {k: foreign key (b) references t (a)}}}",
    ),
    "a unique index under a foreign key": Case(REFERRED, "tables: {t: {indexes: {i: unique using btree (a desc)}}}"),
    "a key under a foreign key": Case(
        "create table t (a int primary key, b int references t)",
        "tables: {t: {constraints: {t_pkey: primary key (a) include (b)}}}",
    ),
    "a key in the place of an index under a foreign key": Case(
        REFERRED, "tables: {t: {indexes: {i: absent}, constraints: {t_pkey: primary key (a)}}}"
    ),
    "an index in the place of a key under a foreign key": Case(
        "create table t (a int primary key, b int references t)",
        "tables: {t: {columns: {a: int not null}, indexes: {i: unique using btree (a)},"
        " constraints: {t_pkey: absent}}}",
    ),
    "both ends of foreign keys": Case(
        BOTH_ENDS, "tables: {a: {columns: {id: uuid not null, p: uuid}}, b: {columns: {id: int not null, a_id: uuid}}}"
    ),
    "both ends whose types compare": Case(
        "create table a (id int primary key); create table b (a_id int references a)",
        "tables: {a: {columns: {id: bigint not null}}, b: {columns: {a_id: bigint}}}",
    ),
    "a column whose foreign key goes": Case(
        "create table a (id int primary key); create table b (a_id int, constraint k foreign key (a_id) references a)",
        "tables: {b: {columns: {a_id: uuid}, constraints: {k: absent}}}",
    ),
    "a default that cannot be of the new type": Case(
        "create table t (a timestamptz default current_timestamp, b int)", "tables: {t: {columns: {a: bigint}}}"
    ),
    "a view with a default of its own": Case(
        "create table t (a int, b int); create view v as select a, b from t; alter view v alter a set default 7;",
        "tables: {t: {columns: {a: bigint}}}",
    ),
    "a trigger of a partitioned table and its partition": Case(f"{FIRES}{LISTED}", ON_BOTH),
    "a trigger that the partition has already": Case(
        f"{FIRES}{LISTED} create trigger g before insert on q for each row execute function f()", ON_BOTH
    ),
    "a trigger that calls a function of PostgreSQL's": Case(
        "create table t (a tsvector, b text)",
        "tables: {t: {triggers: {h: before update for each row execute function suppress_redundant_updates_trigger(),"
        " g: \"before insert for each row execute function tsvector_update_trigger(a, 'pg_catalog.english', b)\"}}}",
    ),
    "an identity that ends": Case(
        "create table t (a int generated always as identity, b int)", "tables: {t: {columns: {a: int}}}"
    ),
    "a key that ends with NOT NULL": Case(
        "create table t (a int primary key, b int)", "tables: {t: {columns: {a: int}, constraints: {t_pkey: absent}}}"
    ),
    "a check that fits the new type alone": Case(
        "create table t (a text constraint c check (a like '1%'), b int); insert into t values ('11', 1)",
        "tables: {t: {columns: {a: int}, constraints: {c: check (a > 10)}}}",
    ),
    "a check that calls a function which is still to come": Case(
        "create table t (a text constraint c check (a like '1%'), b int)",
        "functions: {h(x int): returns bool language sql immutable as 'select x > 3'}\n"
        "tables: {t: {columns: {a: int}, constraints: {c: check (h(a))}}}",
    ),
    "a policy that fits the new type alone": Case(
        "create table t (a text, b int); alter table t enable row level security;"
        " create policy p on t using (a like 'x')",
        "tables: {t: {columns: {a: int}, policies: {p: {using: a > 3}}}}",
    ),
    "an index that fits the new type alone": Case(
        "create table t (a text, b int); create index i on t (lower(a))",
        "tables: {t: {columns: {a: int}, indexes: {i: using btree (a)}}}",
    ),
    "a trigger that fits the new type alone": Case(
        f"{FIRES} create table t (a text, b int);"
        " create trigger g before insert on t for each row when (new.a like 'x') execute function f()",
        "tables: {t: {columns: {a: int},"
        " triggers: {g: before insert for each row when (new.a > 3) execute function f()}}}",
    ),
    "a generated column that fits the new type alone": Case(
        "create table t (aa text generated always as (lower(b)) stored, b text)",
        "tables: {t: {columns: {b: int, aa: int generated always as (b + 1) stored}}}",
    ),
}
HELD = {
    "an index that is to be no unique one": (
        Case(REFERRED, "tables: {t: {indexes: {i: using btree (a)}}}"),
        "the foreign key k of {s}.t needs it unchanged",
    ),
    "a key that is to be deferrable": (
        Case(
            "create table t (a int primary key, b int references t)",
            "tables: {t: {constraints: {t_pkey: primary key (a) deferrable}}}",
        ),
        "the foreign key t_b_fkey of {s}.t needs it unchanged",
    ),
    "one end of a foreign key": (
        Case(BOTH_ENDS, "tables: {a: {columns: {id: uuid not null, p: uuid}}}"),
        "the foreign key b_a_id_fkey of {s}.b ties it to {s}.b.a_id, which is text",
    ),
    "another trigger of a partition": (
        Case(
            f"{FIRES}{FIRES.replace('f()', 'o()')}{LISTED}"
            " create trigger g before insert on q for each row execute function o()",
            ON_BOTH.partition("\n  q")[0],
        ),
        "the partition {s}.q has a trigger of that name",
    ),
    "NOT NULL by which replication knows the rows": (
        Case(f"{UNIQUE} alter table t replica identity using index i", "tables: {t: {columns: {a: int}}}"),
        "it is in the index {s}.i, which is the replica identity",
    ),
    "NOT NULL of a key that the contract does not name": (
        Case("create table t (a int primary key, b int)", "tables: {t: {columns: {a: int}}}"),
        "it is in the primary key t_pkey",
    ),
    "a foreign key to a key that rows stand against": (
        Case(
            "create table t (a int not null, b int); insert into t values (1, null), (1, null)",
            "tables: {t: {constraints: {f: foreign key (b) references t (a), k: unique (a)}}}",
        ),
        "1 row prevents k from being a unique constraint: 1, repeated",
    ),
    "NOT NULL of a partitioned table": (
        Case(
            "create table p (a int not null) partition by list (a); create table t partition of p for values in (1)",
            "tables: {t: {columns: {a: int}}}",
        ),
        "it is NOT NULL in {s}.p, from which it is inherited",
    ),
}

REFUSED = {
    "a privilege on a column that is nowhere": (
        Case("create table t (a int)", "tables: {t: {grants: {public: ['select (a)', 'update (nope)']}}}"),
        'column "nope" of relation "t" does not exist',
    ),
    "a foreign key between types that do not compare": (
        Case(
            "create table a (id text unique); create table b (a_id int)",
            "tables: {b: {constraints: {k: foreign key (a_id) references a (id)}}}",
        ),
        "are of incompatible types: integer and text)",
    ),
    "a foreign key to what nothing makes unique": (
        Case(
            "create table a (id int, x int, unique (id, x)); create table b (a_id int)",
            "tables: {b: {constraints: {k: foreign key (a_id) references a (id)}}}",
        ),
        'there is no unique constraint matching given keys for referenced table "a"',
    ),
}

# What stands on a column `a` of type text, and does not fit an integer.
LIKE = "operator does not exist: integer ~~ text"
UNFIT = {
    "check": (
        "alter table t add constraint c check (a like 'x')",
        f"the check c of {{s}}.t does not fit the new type: {LIKE}",
    ),
    "policy": ("create policy p on t using (a like 'x')", f"the policy p of {{s}}.t does not fit the new type: {LIKE}"),
    "generated column": (
        "alter table t add g text generated always as (lower(a)) stored",
        "the generated column {s}.t.g does not fit the new type: function lower(integer) does not exist",
    ),
    "index": (
        "create index i on t (a text_pattern_ops)",
        'the index {s}.i does not fit the new type: operator class "text_pattern_ops" does not accept'
        " data type integer",
    ),
    "index of an expression": (
        "create index i on t (lower(a))",
        "the index {s}.i does not fit the new type: function lower(integer) does not exist",
    ),
    "view over a view": (
        "create view v as select a || 'x' as x, a from t; create view w as select length(a) from v",
        "the view {s}.w does not fit the new type: function length(integer) does not exist",
    ),
    "trigger": (
        f"{FIRES} create trigger g before insert on t for each row when (new.a like 'x') execute function f()",
        f"the trigger g of {{s}}.t does not fit the new type: {LIKE}",
    ),
    "exclusion constraint": (
        "alter table t add c point, add exclude using gist (c with ~=) where (a like 'x')",
        f"the exclusion constraint t_c_excl of {{s}}.t does not fit the new type: {LIKE}",
    ),
}
HELD |= {
    f"{sort} that does not fit the new type": (
        Case(f"create table t (a text, b int); {sql}", "tables: {t: {columns: {a: int}}}"),
        reason,
    )
    for sort, (sql, reason) in UNFIT.items()
}


@pytest.fixture(scope="module")
def url(server: DatabaseServer) -> str:
    return server.create()


@pytest.mark.parametrize("name", one_in(2, MENDED))
def test_one_plan_mends_it(url: str, tmp_path: Path, name: str) -> None:
    file = made(url, tmp_path, MENDED[name], f"m{[*MENDED].index(name)}")

    proposal = propose.propose(url, file, ALL)

    assert [held.reason for held in proposal.plan.held] == []
    records = run_plan(url, proposal)
    assert {record.outcome for record in records} <= {StepOutcome.APPLIED, StepOutcome.ALREADY}, records
    again = propose.propose(url, file, ALL).plan
    assert [step.action for step in again.steps] == []
    left = run(url, file, Options()).findings
    assert [finding.message for finding in left if not finding.rule.name.startswith("unexpected-")] == []


@pytest.mark.parametrize("name", HELD)
def test_what_cannot_be_is_said_before_the_first_change(url: str, tmp_path: Path, name: str) -> None:
    case, reason = HELD[name]
    schema = f"n{[*HELD].index(name)}"
    file = made(url, tmp_path, case, schema)

    plan = propose.propose(url, file, ALL).plan

    assert [step.action for step in plan.steps] == []
    assert plan.held[0].reason.replace(f"{schema}.", "") == reason.replace("{s}.", "")


@pytest.mark.parametrize("target", ["t", "t (a)"])
def test_a_foreign_key_waits_for_no_index_that_it_cannot_rest_on(database: str, tmp_path: Path, target: str) -> None:
    """Where the contract names no columns of the target, the foreign key goes to the primary key."""
    case = Case(
        "create table t (a int primary key, b text); create unique index i on t (lower(b));"
        " create unique index j on t (b) include (a); create table u (a int constraint k references t)",
        "tables: {t: {indexes: {i: unique (lower(b)) where b > '', j: unique (b) where a > 0}},"
        f" u: {{constraints: {{k: foreign key (a) references {target} on delete cascade}}}}}}",
    )
    plan = propose.propose(database, made(database, tmp_path, case, "s"), propose.PlanOptions()).plan
    assert {step.ref.kind for step in plan.steps} == {"foreign_key"}
    assert {held.step.ref.path for held in plan.held} == {("s", "t", "i"), ("s", "t", "j")}


@pytest.mark.parametrize("name", REFUSED)
def test_what_nothing_here_explains_is_said_of_the_contract(url: str, tmp_path: Path, name: str) -> None:
    case, reason = REFUSED[name]
    file = made(url, tmp_path, case, f"r{[*REFUSED].index(name)}")

    plan = propose.propose(url, file, ALL).plan

    assert (plan.steps, plan.held) == ((), ())
    (told,) = (one.finding.message for one in plan.uncured if one.finding.rule.code == "SA004")
    assert reason in told


def test_what_a_plan_leaves_for_another_is_said_in_it_and_on_the_screen(database: str, tmp_path: Path) -> None:
    """The index fits the new type only when it was exchanged, which the first look at it cannot know."""
    case = Case(
        "create table t (a text, b int); create index i on t (a text_pattern_ops)",
        "tables: {t: {columns: {a: int}, indexes: {i: using btree (a)}}}",
    )
    file = made(database, tmp_path, case, "s")
    told = "When these steps are done, 1 of those held back may become possible: run repair again to see"

    first = propose.propose(database, file, ALL)
    text = script.render(first.plan, title="One.", transactional=True, repairs={})
    assert told in " ".join(text.replace("\n-- ", " ").split())
    assert told in " ".join(table(first, PLAIN).split())

    run_at_once(database, text)
    second = propose.propose(database, file, ALL)
    assert [step.action for step in second.plan.steps] == ["Change the type of s.t.a to integer"]
    assert "When these steps are done" not in table(second, PLAIN)


def test_what_can_be_compared_only_after_a_plan_is_said_too(database: str, tmp_path: Path) -> None:
    """The view's query is printed for the old type; compared with the new one it may have a step, or be right."""
    case = Case(
        "create table t (a text); create view v as select a from t",
        "tables: {t: {columns: {a: varchar(10)}}}\nviews: {v: {query: select a from t where a > ''}}",
    )
    plan = propose.propose(database, made(database, tmp_path, case, "s"), ALL).plan
    assert len(plan.steps) == 1
    assert "1 of those without a cure may become possible" in plan.unsettled


def test_what_is_uncertain_is_not_promised(database: str, tmp_path: Path) -> None:
    """No step makes it certain: it is so for what the role may do, or for what a text says."""
    file = made(database, tmp_path, Case("create table t (a int)", "tables: {t: {columns: {b: int}}}"), "s")
    plan = propose.propose(database, file, propose.PlanOptions()).plan
    (finding,) = plan.promised
    unsure = replace(plan, uncured=(Uncured(replace(finding, rule=UNCERTAIN), "First find out whether it is drift."),))
    assert unsure.steps
    assert unsure.unsettled == ""


def test_what_keys_tie_together_comes_back_as_it_was(database: str, tmp_path: Path) -> None:
    """The foreign keys are off for the time of one transaction, and keep what they have beside their definition."""
    case = MENDED["both ends of foreign keys"]
    file = made(database, tmp_path, case, "s")

    (step,) = propose.propose(database, file, ALL).plan.steps
    run_plan(database, propose.propose(database, file, ALL))

    assert step.action == "Change the type of s.a.id, s.a.p and s.b.a_id to uuid, with the foreign keys between them"
    query = """
        select c.conname::text, c.convalidated, obj_description(c.oid)
          from pg_constraint c where c.contype = 'f' order by 1"""
    with connect(database) as connection:
        assert connection.execute(query).fetchall() == [("a_p_fkey", True, None), ("b_a_id_fkey", True, "x")]


def test_rows_are_looked_for_by_a_key_that_has_another_type_by_then(database: str, tmp_path: Path) -> None:
    """In a script of one transaction a key is retyped when the next step looks for rows in its way."""
    case = Case(
        "create table t (a text primary key, b int); insert into t values ('1', 1)",
        "tables: {t: {columns: {a: int not null, b: int not null},"
        " constraints: {t_pkey: primary key (a), u: unique (b)}}}",
    )
    file = made(database, tmp_path, case, "s")

    plan = propose.propose(database, file, ALL).plan
    run_at_once(database, script.render(plan, title="All.", transactional=True, repairs={}))

    assert propose.propose(database, file, ALL).plan.steps == ()


def test_what_mentions_an_object_that_is_held_back_waits_for_it(database: str, tmp_path: Path) -> None:
    with connect(database) as connection:
        connection.execute("create table t (id int)")
    file = tmp_path / "expected.yaml"
    file.write_text(
        "version: 1\ntables: {t: {columns: {id: int, flag: boolean default random() > 0.5},"
        " policies: {mine: {using: flag}}}}\n",
        encoding="utf-8",
    )
    without = propose.PlanOptions(allowed=frozenset(Hazard) - {Hazard.REWRITE})
    plan = propose.propose(database, file, without).plan
    assert [step.action for step in plan.steps] == []
    assert {one.step.ref.kind for one in plan.held} >= {"column", "policy"}


class Large(dict[str, dict[tuple[str, ...], object]]):
    """Objects of which there are too many to look through."""

    def items(self) -> Never:
        raise AssertionError


def test_the_objects_are_looked_through_only_where_some_are_dropped() -> None:
    step = Step(action="Add it", ref=ObjectRef("column", ("public", "t", "a")), sql=("select",), done="false")
    assert not [*taken_along([step], Large())]
    with pytest.raises(AssertionError):
        next(taken_along([replace(step, hazards=(Hazard.DROP,))], Large()))

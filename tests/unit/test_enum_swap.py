"""Which steps lead from one list of values to another, and what becomes of texts that name a value."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from caserunner import statements
from mending import run_plan
from servers import connect
from sessionaudit.core.cure import Difference
from sessionaudit.core.ref import ObjectRef
from sessionaudit.core.step import Composed, Dependent, Hazard, LockLevel, Step
from sessionaudit.kinds.enum.cure import CURE, decide
from sessionaudit.kinds.enum.model import Enum
from sessionaudit.repair import propose
from sessionaudit.repair.apply import StepOutcome

if TYPE_CHECKING:
    from pathlib import Path

REF = ObjectRef("enum", ("app", "st"))


def changing(actual: str, expected: str, wanted: dict[str, Any] | None = None, **replace: str) -> tuple[Step, ...]:
    empty: dict[str, dict[tuple[str, ...], Any]] = {"enum": {}, "key": {}, "policy": {}}
    difference = Difference(
        ref=REF,
        expected=Enum(values=tuple(expected.split()), replace=tuple(replace.items())),
        actual=Enum(values=tuple(actual.split())),
        wanted={**empty, **(wanted or {})},
        present=empty,
        schema="app",
        around=lambda one: one,
    )
    change = CURE.alter["values"]
    assert change is not None
    return change(difference)


def composed(step: Step, *found: Dependent) -> Composed:
    assert step.around is not None
    return step.around.compose(found)


def column(name: str, text: str = "app.st") -> Dependent:
    return Dependent("column", f"app.t.{name}", (), (), ("app", "t", name), text)


def policy(using: str) -> Dependent:
    return Dependent(
        "policy",
        "p of app.t",
        ("drop policy p on app.t",),
        (f"create policy p on app.t using ({using})",),
        ("app", "t"),
    )


@pytest.mark.parametrize(
    ("actual", "expected", "statements"),
    [
        ("a d", "a b c d", ["add value 'b' after 'a'", "add value 'c' after 'b'"]),
        ("b", "a b c", ["add value 'a' before 'b'", "add value 'c' after 'b'"]),
        ("", "a b", ["add value 'a'", "add value 'b' after 'a'"]),
    ],
)
def test_values_that_fit_between_the_others_are_added(actual: str, expected: str, statements: list[str]) -> None:
    steps = changing(actual, expected)
    assert [step.sql for step in steps] == [(f"alter type app.st {statement}",) for statement in statements]
    assert {step.lock for step in steps} == {LockLevel.NONE}
    assert [bool(step.provides) for step in steps] == [*[False] * (len(steps) - 1), True]


def test_a_value_whose_replacement_is_not_there_yet_is_renamed() -> None:
    steps = changing("pending unattended", "pending waiting done", unattended="waiting")
    assert [step.sql[0] for step in steps] == [
        "alter type app.st rename value 'unattended' to 'waiting'",
        "alter type app.st add value 'done' after 'waiting'",
    ]
    assert steps[0].hazards == (Hazard.DROP,)


@pytest.mark.parametrize(
    ("actual", "expected", "replace"),
    [
        ("a b", "b a", {}),
        ("a b c", "a c", {}),
        ("a b c", "a c", {"b": "c"}),
        ("a x y", "a z", {"x": "z", "y": "z"}),
        ("x a", "a z", {"x": "z"}),
    ],
)
def test_all_else_exchanges_the_type(actual: str, expected: str, replace: dict[str, Any]) -> None:
    (step,) = changing(actual, expected, **replace)
    assert step.hazards == (Hazard.REWRITE,)
    assert step.around is not None


def test_columns_of_a_table_change_in_one_statement() -> None:
    (step,) = changing("a b", "b a")
    found = composed(step, column("x"), column("y z", "app.st[]"))
    assert found.sql[2] == (
        "alter table app.t alter column x type app.st using x::text::app.st,"
        ' alter column "y z" type app.st[] using "y z"::text[]::app.st[]'
    )
    assert found.of(step).locks == (("app", "t"),)
    assert found.obstacle is None
    assert composed(step).of(step).lock is LockLevel.NONE


def test_rows_that_hold_a_value_without_a_replacement_are_in_the_way() -> None:
    (step,) = changing("pending unattended odd", "pending", odd="pending")
    found = composed(step, column("x"), column("y", "app.st[]"))
    assert found.stuck == ""
    assert found.obstacle is not None
    assert "r.x::text in ('unattended')" in found.obstacle.rows
    assert "r.y::text[] && array['unattended']" in found.obstacle.rows
    assert "replace: {unattended: …}" in found.obstacle.hint
    assert "--replace st.unattended=…" in found.obstacle.hint
    assert "(case x::text when 'odd' then 'pending' else x::text end)::app.st" in found.sql[2]
    assert "pg_catalog.array_replace(y::text[], 'odd', 'pending')::app.st[]" in found.sql[2]


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("st = 'unattended'::app.st", "st = 'pending'::app.st"),
        (
            "st = ANY (ARRAY['unattended'::app.st, 'done'::app.st])",
            "st = ANY (ARRAY['pending'::app.st, 'done'::app.st])",
        ),
        ("""'{unattended,NULL,"done"}'::app.st[]""", """'{"pending",NULL,"done"}'::app.st[]"""),
        # Of another type, or no value but a text.
        ("x = 'unattended'::other.st", "x = 'unattended'::other.st"),
        ("x = 'unattended'::text", "x = 'unattended'::text"),
        (
            "x = 'app.st'::text AND 'it''s unattended'::app.st = y",
            "x = 'app.st'::text AND 'it''s unattended'::app.st = y",
        ),
    ],
)
def test_the_replacement_takes_the_place_of_the_value_in_texts(before: str, after: str) -> None:
    (step,) = changing("pending unattended done", "pending done", unattended="pending")
    found = composed(step, policy(before))
    assert f"create policy p on app.t using ({after})" in found.sql
    assert bool(found.told) == (before != after)


def test_a_text_that_names_a_value_without_a_replacement_is_named() -> None:
    (step,) = changing("pending unattended", "pending")
    found = composed(step, policy("st = ANY ('{pending,unattended}'::app.st[])"))
    assert found.stuck == "the policy p of app.t names 'unattended'"
    assert "--replace" in found.help
    assert composed(step, policy("st = 'pending'::app.st")).stuck == ""


def test_what_the_contract_declares_absent_need_not_come_back() -> None:
    (step,) = changing("pending unattended", "pending", {"policy": {("app", "t", "p"): None}})
    found = composed(step, policy("st = 'unattended'::app.st"))
    assert found.stuck == ""
    assert "drop policy if exists p on app.t" in found.sql
    assert not [statement for statement in found.sql if statement.startswith("create policy")]


def test_choices_are_taken_into_the_model() -> None:
    enum = Enum(values=("pending", "done"), replace=(("old", "done"),))
    assert decide(enum, {"unattended": "pending"}).replace == (("old", "done"), ("unattended", "pending"))
    assert decide(enum, {"old": "pending"}).replace == (("old", "pending"),)
    assert decide(enum, {"unattended": "pending"}) == enum  # what becomes of other values is no drift
    with pytest.raises(ValueError, match="“gone” is not expected either"):
        decide(enum, {"unattended": "gone"})
    with pytest.raises(ValueError, match="“done” is expected"):
        decide(enum, {"done": "pending"})


# What names the value that goes: as a value of the type, which becomes another one by itself, or as a text.
NAMING = r"""
create type public.st as enum ('pending', 'unattended', 'done');
create table public.t (
  id int primary key, st public.st default 'unattended', many public.st[] default '{unattended,done}',
  open boolean generated always as (st in ('pending', 'unattended')) stored,
  constraint kept check (st <> 'unattended' or id > 0));
create index waiting on public.t (id) where st = 'unattended';
create view public.v as select id from public.t where st = 'unattended';
create policy p on public.t using (st = 'unattended');
create function public.f() returns trigger language plpgsql as $$ begin return new; end $$;
create trigger tw before update on public.t for each row when (new.st = 'unattended') execute function public.f();
create rule r as on delete to public.t where old.st = 'unattended' do instead nothing;
insert into public.t values (1, 'unattended', '{unattended,pending}'), (2, 'done', '{}');
"""
BY_TEXT = {
    "function g()": "create function public.g() returns int language plpgsql as"
    " $$ begin if exists (select from public.t where st = 'unattended') then return 1; end if; return 0; end $$",
    "function h()": "create function public.h() returns text[] language sql as"
    " $$ select '{done, unattended}'::text[] $$",
    "function j()": "create function public.j() returns json language sql as"
    """ $$ select '{"st":"unattended"}'::json $$""",
    "view public.w": "create view public.w as select id from public.t where st::text = 'unattended'",
    "trigger ta of public.t": "create trigger ta before update on public.t for each row"
    " when (new.st::text = 'unattended') execute function public.f()",
}


def swap(url: str, folder: Path, *allowed: Hazard) -> propose.Proposal:
    contract = folder / "contract.yaml"
    contract.write_text(
        "version: 1\nenums: {st: {values: [pending, done], replace: {unattended: pending}}}\n", encoding="utf-8"
    )
    return propose.propose(url, contract, propose.PlanOptions(allowed=frozenset({Hazard.REWRITE, *allowed})))


def test_what_has_the_value_of_the_type_gets_its_replacement(database: str, tmp_path: Path) -> None:
    with connect(database) as connection:
        for statement in statements(NAMING):
            connection.execute(statement.encode())
        assert {record.outcome for record in run_plan(database, swap(database, tmp_path))} == {StepOutcome.APPLIED}
        rows = connection.execute("select id, st::text, many::text, open from public.t order by id").fetchall()
        assert rows == [(1, "pending", "{pending,pending}", True), (2, "done", "{}", False)]
        connection.execute("insert into public.t (id) values (3)")
        assert connection.execute("select st::text, many::text from public.t where id = 3").fetchone() == (
            "pending",
            "{pending,done}",
        )
        assert connection.execute("select id from public.v order by id").fetchall() == [(1,), (3,)]
        texts = connection.execute(
            """
            select pg_get_viewdef('public.v'::regclass) union all select pg_get_indexdef('public.waiting'::regclass)
             union all select pg_get_expr(polqual, polrelid) from pg_policy
             union all select pg_get_triggerdef(oid) from pg_trigger where not tgisinternal
             union all select pg_get_ruledef(oid) from pg_rewrite where rulename = 'r'
             union all select pg_get_constraintdef(oid) from pg_constraint
             where contype = 'c' and conrelid = 'public.t'::regclass
             union all select pg_get_expr(adbin, adrelid) from pg_attrdef"""
        ).fetchall()
        assert len(texts) == 9
        for (text,) in texts:
            assert "'pending'" in text or "{pending,done}" in text, text
            assert "unattended" not in text


@pytest.mark.parametrize("name", BY_TEXT)
def test_what_names_the_value_as_a_text_must_be_allowed(database: str, tmp_path: Path, name: str) -> None:
    """Though the call says what becomes of the rows: this would fail, or never be true again."""
    made = BY_TEXT[name]
    with connect(database) as connection:
        for statement in (*statements(NAMING), made):
            connection.execute(statement.encode())
    proposal = swap(database, tmp_path)
    assert proposal.plan.steps == ()
    (held,) = proposal.plan.held
    assert f"{name}, unattended" in held.reason
    assert Hazard.DROP in held.step.hazards
    assert "--allow drop" in held.help
    allowed = swap(database, tmp_path, Hazard.DROP)
    assert {record.outcome for record in run_plan(database, allowed)} == {StepOutcome.APPLIED}


def test_a_function_that_came_after_the_plan_is_noticed(database: str, tmp_path: Path) -> None:
    with connect(database) as connection:
        for statement in statements(NAMING):
            connection.execute(statement.encode())
        proposal = swap(database, tmp_path)
        connection.execute(BY_TEXT["function g()"].encode())
    (record,) = run_plan(database, proposal)
    assert record.outcome is StepOutcome.BLOCKED
    assert record.detail.startswith("a removed value is named in ")


def test_a_function_that_has_the_word_but_not_the_value_is_in_nobodys_way(database: str, tmp_path: Path) -> None:
    with connect(database) as connection:
        for statement in statements(NAMING):
            connection.execute(statement.encode())
        connection.execute(
            "create function public.k() returns text language sql as $$ select 'left unattended for long' $$"
        )
    assert swap(database, tmp_path).plan.held == ()

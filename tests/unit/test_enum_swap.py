"""Which steps lead from one list of values to another, and what becomes of texts that name a value."""

from __future__ import annotations

from typing import Any

import pytest

from sessionaudit.core.cure import Difference
from sessionaudit.core.ref import ObjectRef
from sessionaudit.core.step import Composed, Dependent, Hazard, LockLevel, Step
from sessionaudit.cures.enum import CURE, decide
from sessionaudit.kinds.enum import Enum

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
def test_all_else_exchanges_the_type(actual: str, expected: str, replace: dict[str, str]) -> None:
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
    assert "drop policy p on app.t" in found.sql
    assert not [statement for statement in found.sql if statement.startswith("create policy")]


def test_choices_are_taken_into_the_model() -> None:
    enum = Enum(values=("pending", "done"), replace=(("old", "done"),))
    assert decide(enum, {"unattended": "pending"}).replace == (("old", "done"), ("unattended", "pending"))
    assert decide(enum, {"old": "pending"}).replace == (("old", "pending"),)
    assert decide(enum, {"unattended": "pending"}) == enum  # what becomes of other values is no drift
    with pytest.raises(ValueError, match="“gone” is not expected itself"):
        decide(enum, {"unattended": "gone"})
    with pytest.raises(ValueError, match="“done” is expected"):
        decide(enum, {"done": "pending"})

"""What a comment is on, as the contract names it: one spelling for each object, and errors at the wrong word."""

from __future__ import annotations

import pytest

from sessionaudit.core.ref import ObjectRef
from sessionaudit.kinds.comment.target import path_of, target
from sessionaudit.sql.fragment import FragmentError

SPELLED = [
    ("TABLE Orders", "table public.orders"),
    ('table "Orders, all"', 'table public."Orders, all"'),
    ('column apart.orders."a.b"', 'column apart.orders."a.b"'),
    ("column orders.status", "column public.orders.status"),
    ("constraint c on orders", "constraint c on public.orders"),
    ("constraint c on domain", "constraint c on public.domain"),
    ("constraint c on domain.d", "constraint c on domain.d"),
    ("constraint c on domain d", "constraint c on domain public.d"),
    ("function f(a int, mood[], out b text)", "function public.f(integer, public.mood[])"),
    ("aggregate rows(*)", "aggregate public.rows()"),
    ("materialized view v", "materialized view public.v"),
    ("event trigger watch", "event trigger watch"),
    ("schema apart", "schema apart"),
    ("operator class ops using btree", "operator class public.ops using btree"),
]
WRONG = [
    ("orders", 0, "expected what follows COMMENT ON"),
    ("operator +(integer, integer)", 0, "expected what follows COMMENT ON"),
    ("table", 5, "expected a name, found the end"),
    ("table a.b.c", 9, "expected the end of the name"),
    ("column status", 13, "expected “.”"),
    ("constraint c", 12, "expected “on”"),
    ("function f", 10, "expected “(”"),
    ("function f(integer", 10, "unclosed “(”"),
    ("schema a.b", 8, "expected the end of the name"),
]


@pytest.mark.parametrize(("text", "spelled"), SPELLED)
def test_an_object_has_one_spelling(text: str, spelled: str) -> None:
    assert target(text, "public").spelled == spelled
    assert target(spelled, "elsewhere") == target(text, "public")
    assert ObjectRef("comment", path_of(text, "public")).dotted == spelled


@pytest.mark.parametrize(("text", "offset", "said"), WRONG)
def test_what_is_wrong_is_told_at_its_place(text: str, offset: int, said: str) -> None:
    with pytest.raises(FragmentError) as caught:
        target(text, "public")
    assert (caught.value.offset, said in str(caught.value)) == (offset, True), caught.value


def test_what_is_not_looked_at_is_said_to_be_so() -> None:
    with pytest.raises(FragmentError) as caught:
        target("role postgres", "public")
    assert caught.value.hint == "Comments on roles are not looked at."

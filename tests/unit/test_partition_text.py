"""The SQL of partitioning: what is read, what it means for a row, and what is refused where it stands."""

from __future__ import annotations

import pytest

from sessionaudit.kinds.table import partition_text
from sessionaudit.sql.fragment import FragmentError


@pytest.mark.parametrize(
    ("text", "spelled"),
    [
        ("RANGE(a)", "range (a)"),
        ('list ( "A b" collate "C" text_ops )', 'list ("A b" collate "C" text_ops)'),
        ("hash (a, lower(b), (a + 1))", "hash (a, lower(b), (a + 1))"),
    ],
)
def test_a_key_is_spelled_in_one_way(text: str, spelled: str) -> None:
    assert partition_text.key(text) == spelled


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("for values in ('b', 'a')", "FOR VALUES IN ('a','b')"),
        ("for values in (1, -2, NULL)", "FOR VALUES IN ('-2', '1', NULL)"),
        ("for values from (MINVALUE) to (+5)", "FOR VALUES FROM (MINVALUE) TO ('5')"),
        ("for values with (modulus 04, remainder 0)", "FOR VALUES WITH (modulus 4, remainder 0)"),
        ("DEFAULT", "default"),
    ],
)
def test_bounds_that_mean_the_same_compare_alike(one: str, other: str) -> None:
    assert partition_text.bound(one).compared == partition_text.bound(other).compared


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("for values from (1, 2) to (3, 4)", "for values from (2, 1) to (3, 4)"),
        ("for values in ('a')", "for values in ('A')"),
        ("for values with (modulus 4, remainder 1)", "for values with (modulus 4, remainder 2)"),
    ],
)
def test_bounds_that_differ_do_not(one: str, other: str) -> None:
    assert partition_text.bound(one).compared != partition_text.bound(other).compared


@pytest.mark.parametrize(
    ("key", "bound", "inside", "outside"),
    [
        (
            "range (a)",
            "for values from (1) to (5)",
            "a is not null and a >= 1 and a < 5",
            "a is null or a < 1 or a >= 5",
        ),
        ("range (a)", "for values from (minvalue) to (maxvalue)", "a is not null", "a is null"),
        ("range (a)", "for values from (minvalue) to (minvalue)", "a is not null and false", "a is null or true"),
        (
            "range (a, b)",
            "for values from (1, maxvalue) to (5, maxvalue)",
            "a is not null and b is not null and a > 1 and a <= 5",
            "a is null or b is null or a <= 1 or a > 5",
        ),
        (
            "range (a, (b + 1))",
            "for values from (1, 2) to (5, minvalue)",
            "a is not null and (b + 1) is not null and (a, (b + 1)) >= (1, 2) and a < 5",
            "a is null or (b + 1) is null or (a, (b + 1)) < (1, 2) or a >= 5",
        ),
        ("list (a)", "for values in ('x')", "a is not null and a in ('x')", "a is null or a not in ('x')"),
        ("list (a)", "for values in (null, 'x')", "a is null or a in ('x')", "a is not null and a not in ('x')"),
        ("list (a)", "for values in (null)", "a is null", "a is not null"),
    ],
)
def test_bounds_are_a_condition(key: str, bound: str, inside: str, outside: str) -> None:
    found = partition_text.bound(bound)
    assert partition_text.condition(key, found, ("public", "t")) == inside
    assert partition_text.condition(key, found, ("public", "t"), outside=True) == outside


@pytest.mark.parametrize(
    ("text", "offset"),
    [
        ("for values in (now())", 15),
        ("for values from (1)", 19),
        ("for values in ('a'); drop table t", 19),
        ("for values in ('a') where true", 20),
        ("values in (1)", 0),
        ("for values with (modulus x, remainder 1)", 25),
        ("for values in ('a'::text)", 18),
    ],
)
def test_what_is_no_constant_is_refused_where_it_stands(text: str, offset: int) -> None:
    with pytest.raises(FragmentError) as caught:
        partition_text.bound(text)
    assert caught.value.offset == offset


@pytest.mark.parametrize("text", ["rnge (a)", "range a", "range (a desc, b)", "range (a) where b", "range ()"])
def test_what_is_no_key_is_refused(text: str) -> None:
    with pytest.raises(FragmentError):
        partition_text.key(text)

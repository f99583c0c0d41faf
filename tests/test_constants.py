"""Constants of texts: two chains of casts are called the same only where the server makes one value of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from servers import connect
from sessionaudit.sql.equality import same_meaning
from sessionaudit.sql.text import literal

if TYPE_CHECKING:
    from collections.abc import Generator

    import psycopg

KEPT = ("text", "varchar", "bpchar")
TYPES = (*KEPT, "varchar(2)", "char(2)", "bpchar(4)", "name", '"char"', "character")
WORDS = ("", " ", "a", "a ", "ab  ", " a", "abc", "a\t", "it's", "x" * 70)
chains = st.tuples(st.sampled_from(WORDS), st.lists(st.sampled_from((*KEPT, *TYPES)), min_size=1, max_size=3))
VALUES = "select pg_typeof({0})::text, to_json({0})::text"


@pytest.fixture(scope="module")
def connection(server: Any) -> Generator[psycopg.Connection]:
    with connect(server.url) as connection:
        yield connection


def spelled(word: str, types: list[str]) -> str:
    text = literal(word).strip()
    for type_ in types:
        text = f"({text})::{type_}"
    return text


def same(left: str, right: str) -> bool:
    return same_meaning(
        left, right, wrap=lambda sql: f"select {sql}", schema="public", shadowed=lambda _: False, type_=None
    )


@settings(
    max_examples=12,
    derandomize=True,
    deadline=None,
    database=None,
    phases=(Phase.generate,),
    suppress_health_check=list(HealthCheck),
)
@given(found=st.lists(chains, min_size=20, max_size=40))
def test_only_casts_without_effect_are_left_out(
    connection: psycopg.Connection, found: list[tuple[str, list[str]]]
) -> None:
    texts = [spelled(*one) for one in found]
    rows = connection.execute(" union all ".join(VALUES.format(text) for text in texts).encode()).fetchall()
    for left, value, chain in zip(texts, rows, found, strict=True):
        for right, other, other_chain in zip(texts, rows, found, strict=True):
            if same(left, right):
                assert value == other, (left, right)
            elif value == other and {*chain[1], *other_chain[1]} <= {*KEPT}:
                raise AssertionError(f"{left} is {right}")

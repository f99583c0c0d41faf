"""What is told of the sessions in the way."""

from __future__ import annotations

import pytest

from sessionaudit.postgres.locks import masked_query

MASKED = {
    "select 'hunter2', 42, $$hunter2$$, E'hunter\\'2', U&'hunter2' from t": "select … , … , … , … , … from t",
    "update t set a = 'hunter2' -- hunter2": "update t set a = …",
    'select "hunter3" from t': 'select "hunter3" from t',
    "select 'hunter2": "select …",
}


@pytest.mark.parametrize(("query", "told"), MASKED.items())
def test_the_query_of_another_is_told_without_its_literals(query: str, told: str) -> None:
    assert masked_query(query) == told


def test_a_long_query_is_told_by_its_beginning() -> None:
    assert masked_query("select " + "a, " * 100) == ("select " + "a , " * 100)[:79] + "…"

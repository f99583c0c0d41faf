"""Statistics objects as the contract has them: divided into their parts, or refused at the word that is wrong."""

from __future__ import annotations

import pytest

from sessionaudit.kinds.statistics.model import divided, ordered, parse
from sessionaudit.sql.fragment import FragmentError

WRONG = [
    ("a, b", 0, "expected “on”"),
    ("(histogram) on a, b", 1, "expected “dependencies” or “mcv” or “ndistinct”"),
    ("on a", 4, "expected “,” and another column"),
    ("on a,", 5, "expected a column or an expression"),
    ("on a, b from t", 8, "expected “,” or the end"),
    ("on a, b from t; drop table t", 14, "“;” is not allowed here"),
]


@pytest.mark.parametrize(("text", "offset", "said"), WRONG)
def test_what_is_wrong_is_told_at_its_place(text: str, offset: int, said: str) -> None:
    with pytest.raises(FragmentError) as caught:
        parse(text)
    assert (caught.value.offset, said in str(caught.value)) == (offset, True), caught.value


def test_order_and_parentheses_around_columns_mean_nothing() -> None:
    covered = divided('(mcv, NDISTINCT) on (b), lower(a), "C", ((a) + 1)')
    assert covered.kinds == {"mcv", "ndistinct"}
    assert covered.columns == {"b", "C"}
    assert covered.expressions == ("(lower(a))", "((a) + 1)")
    assert divided("(dependencies, mcv, ndistinct) on a, b") == divided("on a, b")
    assert ordered("(mcv) on b, a, f(b), (a + 1)") == ordered("(mcv) on (a+1), a, (f(b)), B")

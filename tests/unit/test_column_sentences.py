"""What is said of a column's default holds where the column is: NOT NULL or not, in a view, of a domain."""

from __future__ import annotations

import pytest

from sessionaudit.core.ref import ObjectRef
from sessionaudit.kinds.column.kind import default_message
from sessionaudit.kinds.column.model import Column

REF = ObjectRef("column", ("public", "orders", "status"))


@pytest.mark.parametrize(
    ("expected", "actual", "ending"),
    [
        ({"bare": True}, {"default": "1"}, "omits it stores the default instead of null."),
        (
            {"bare": True, "not_null": True},
            {"default": "1", "not_null": True},
            "stores the default instead of failing.",
        ),
        ({"bare": True}, {"default": "1", "not_null": None}, "an insert that omits it stores that default."),
        ({"default": "1"}, {}, "has no default: an insert that omits it stores null."),
        ({"default": "1"}, {"not_null": True, "blocking": True}, "has no default: an insert that omits it fails."),
        ({"default": "1"}, {"not_null": None}, "has no default: an insert that omits it stores another value."),
    ],
)
def test_the_consequence_of_a_default_is_true_for_its_column(
    expected: dict[str, object], actual: dict[str, object], ending: str
) -> None:
    sides = (Column(type="text", **each) for each in (expected, actual))  # type: ignore[arg-type]
    assert default_message(REF, *sides).endswith(ending)

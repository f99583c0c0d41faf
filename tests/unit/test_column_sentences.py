"""What is said of a column's default holds where the column is: NOT NULL or not, in a view, of a domain."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from sessionaudit.core.ref import ObjectRef
from sessionaudit.kinds.column.kind import default_message
from sessionaudit.kinds.column.model import Column

REF = ObjectRef("column", ("public", "orders", "status"))


STATED_NONE = Column(type="text", bare=True)  # of which the contract itself says that there is none
NONE, ONE = Column(type="text"), Column(type="text", default="1")


@pytest.mark.parametrize(
    ("expected", "actual", "ending"),
    [
        (STATED_NONE, ONE, "omits it stores the default instead of null."),
        (replace(STATED_NONE, not_null=True), replace(ONE, not_null=True), "stores the default instead of failing."),
        (STATED_NONE, replace(ONE, not_null=None), "an insert that omits it stores that default."),
        (ONE, NONE, "has no default: an insert that omits it stores null."),
        (ONE, replace(NONE, not_null=True, blocking=True), "has no default: an insert that omits it fails."),
        (
            ONE,
            replace(NONE, not_null=True, blocking=True, triggered=True),
            "omits it fails, unless a trigger or a rule prevents that.",
        ),
        (ONE, replace(NONE, not_null=None), "has no default: an insert that omits it stores another value."),
    ],
)
def test_the_consequence_of_a_default_is_true_for_its_column(expected: Column, actual: Column, ending: str) -> None:
    assert default_message(REF, expected, actual).endswith(ending)

"""The columns that come with a view: those that the contract knows of, and whether they are as it says."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sessionaudit.core.cure import fitting, present
from sessionaudit.core.ref import ObjectRef
from sessionaudit.sql.fragment import canonical_type

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from sessionaudit.core.cure import Difference
    from sessionaudit.core.step import Condition
    from sessionaudit.kinds.common.query_text import ViewColumn


def expected(difference: Difference[Any]) -> Iterator[Condition]:
    """What a new view brings, as far as the contract knows: the columns that it declares, or grants something on."""
    path = difference.ref.path
    named = [one[-1] for one, value in difference.declared("column", path).items() if value is not None]
    grants = (grant for grant in difference.declared("grant", path).values() if grant is not None)
    named += [name for grant in grants for _, name in sorted(grant.columns)]
    return (present(ObjectRef("column", (*path, name))) for name in dict.fromkeys(named))


def given(difference: Difference[Any], columns: Iterable[ViewColumn]) -> Iterator[Condition]:
    """What the contract says of the columns that a query gives, where that is so."""
    types, path = {one.name: one.type for one in columns}, difference.ref.path
    for one, value in difference.declared("column", path).items():
        if value is not None and one[-1] in types:
            yield present(ObjectRef("column", one))
            if canonical_type(types[one[-1]], difference.schema) == value.type:
                yield fitting(ObjectRef("column", one))

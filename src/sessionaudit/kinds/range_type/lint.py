"""What shows of a range type without a database: the type of its bounds."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sessionaudit.core.lint import Lint, type_name
from sessionaudit.kinds.common.named_types import named_type

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sessionaudit.core.lint import NamedObject
    from sessionaudit.core.ref import ObjectRef
    from sessionaudit.kinds.range_type.model import RangeType


def names(_ref: ObjectRef, range_type: RangeType, schema: str) -> Iterator[NamedObject]:
    """That type, unless it is one of PostgreSQL's own."""
    return named_type(range_type.subtype, schema)


LINT = Lint(names=names, takes=type_name, by_server=True)

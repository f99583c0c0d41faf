"""What shows of a composite type without a database: the types of its attributes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sessionaudit.core.lint import Lint, row_type_names
from sessionaudit.kinds.common.circular_types import flaws
from sessionaudit.kinds.common.named_types import named_type

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sessionaudit.core.lint import NamedObject
    from sessionaudit.core.ref import ObjectRef
    from sessionaudit.kinds.composite_type.model import CompositeType


def names(_ref: ObjectRef, type_: CompositeType, schema: str) -> Iterator[NamedObject]:
    """The types of its attributes, but for PostgreSQL's own."""
    for attribute in type_.attributes:
        yield from named_type(attribute.type, schema)


LINT = Lint(names=names, flaws=flaws, takes=row_type_names)

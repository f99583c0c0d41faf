"""What shows of a statistics object without a database: its columns."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sessionaudit.core.lint import Lint
from sessionaudit.kinds.common.named_columns import columns_of
from sessionaudit.kinds.statistics.model import divided

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sessionaudit.core.lint import NamedObject
    from sessionaudit.core.ref import ObjectRef
    from sessionaudit.kinds.statistics.model import Statistics


def names(ref: ObjectRef, statistics: Statistics, _schema: str) -> Iterator[NamedObject]:
    """Its columns; expressions are for PostgreSQL to read."""
    return columns_of(ref.path[:2], sorted(divided(statistics.definition).columns))


LINT = Lint(names=names)

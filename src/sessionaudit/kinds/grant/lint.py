"""What shows of a grant without a database: the columns that it names."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sessionaudit.core.lint import Lint
from sessionaudit.kinds.common.named_columns import columns_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sessionaudit.core.lint import NamedObject
    from sessionaudit.core.ref import ObjectRef
    from sessionaudit.kinds.grant.model import Grant


def names(ref: ObjectRef, grant: Grant, _schema: str) -> Iterator[NamedObject]:
    """The columns on which it is."""
    return columns_of(ref.path[:2], sorted({column for _, column in grant.columns}))


LINT = Lint(names=names)

"""What shows of a published table without a database: the table, and the columns that are sent."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sessionaudit.core.lint import Lint
from sessionaudit.kinds.common.named_columns import columns_of, relation_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sessionaudit.core.lint import NamedObject
    from sessionaudit.core.ref import ObjectRef
    from sessionaudit.kinds.publication.model import Publication


def names(ref: ObjectRef, publication: Publication, _schema: str) -> Iterator[NamedObject]:
    """The table, which its path ends with, and its columns."""
    yield relation_of(ref.path[1:])
    yield from columns_of(ref.path[1:], publication.columns)


LINT = Lint(names=names)

"""What shows of a foreign table without a database: its server."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sessionaudit.core.lint import Lint, NamedObject
from sessionaudit.core.ref import ObjectRef

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sessionaudit.kinds.foreign_table.model import ForeignTable


def names(_ref: ObjectRef, table: ForeignTable, _schema: str) -> Iterator[NamedObject]:
    """Its server."""
    yield NamedObject((ObjectRef("foreign_server", (table.server,)),))


LINT = Lint(names=names)

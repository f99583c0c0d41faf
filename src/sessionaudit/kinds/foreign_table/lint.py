"""What shows of a foreign table without a database: its server, and the names of its columns."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sessionaudit.core.lint import Lint, NamedObject
from sessionaudit.core.ref import ObjectRef
from sessionaudit.kinds.common.reserved_names import reserved_columns

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sessionaudit.core.lint import Flaw, Models
    from sessionaudit.kinds.foreign_table.model import ForeignTable


def names(_ref: ObjectRef, table: ForeignTable, _schema: str) -> Iterator[NamedObject]:
    """Its server."""
    yield NamedObject((ObjectRef("foreign_server", (table.server,)),))


def flaws(ref: ObjectRef, table: ForeignTable, _models: Models, _schema: str) -> Iterator[Flaw]:
    """Columns with names of system columns."""
    return reserved_columns(ref, (name for name, _ in table.columns or ()))


LINT = Lint(names=names, flaws=flaws)

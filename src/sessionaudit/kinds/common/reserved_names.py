"""Names of columns that PostgreSQL keeps for itself."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sessionaudit.core.lint import Flaw
from sessionaudit.kinds.lint_rules import RESERVED

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from sessionaudit.core.ref import ObjectRef

_SYSTEM_COLUMNS = frozenset({"ctid", "xmin", "cmin", "xmax", "cmax", "tableoid"})


def reserved_columns(ref: ObjectRef, names: Iterable[str]) -> Iterator[Flaw]:
    """The columns with names that each table has for its system columns; `ref` is the column, or all of the table."""
    for name in sorted(_SYSTEM_COLUMNS.intersection(names)):
        yield Flaw(
            RESERVED,
            f"The {ref} cannot have a column {name}: each table has a system column of that name."
            if ref.name != name
            else f"The {ref} cannot be created: each table has a system column of that name.",
            words=(name,),
        )

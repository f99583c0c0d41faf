"""What shows of a key without a database: its columns, and that a table has one primary key, which permits no null."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sessionaudit.core.finding import Severity
from sessionaudit.core.lint import Flaw, Lint, relation_name
from sessionaudit.core.ref import dotted
from sessionaudit.kinds.common.named_columns import columns_of
from sessionaudit.kinds.common.named_types import path_of_type
from sessionaudit.kinds.lint_rules import CONTRADICTION

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sessionaudit.core.lint import Models, NamedObject
    from sessionaudit.core.ref import ObjectRef
    from sessionaudit.kinds.key.model import Key


def names(ref: ObjectRef, key: Key, _schema: str) -> Iterator[NamedObject]:
    """Its columns."""
    return columns_of(ref.path[:2], (*key.columns, *key.include))


def flaws(ref: ObjectRef, key: Key, models: Models, schema: str) -> Iterator[Flaw]:
    """A second primary key of a table, and a column of a primary key that the contract lets be null."""
    primary = [
        path
        for path, other in models["key"].items()
        if path[:2] == ref.path[:2] and other is not None and other.type == "primary key"
    ]
    if ref.path in primary[1:]:
        yield Flaw(
            CONTRADICTION,
            f"The table {ref.parent} cannot have two primary keys: {primary[0][2]} is one, and {ref.name} another.",
            words=("primary",),
        )
    for name in key.columns if key.type == "primary key" else ():
        column = models["column"].get((*ref.path[:2], name))
        if column is None or column.not_null is not False:
            continue
        domain = models["domain"].get(path_of_type(column.type, schema) or ())
        if domain is None or not domain.not_null:
            yield Flaw(
                CONTRADICTION,
                f"The primary key {ref.name} makes {dotted((*ref.path[:2], name))} NOT NULL, and the line of the "
                f"column permits null. Write “not null” there.",
                words=(name,),
                severity=Severity.WARNING,
            )


LINT = Lint(names=names, flaws=flaws, takes=relation_name)

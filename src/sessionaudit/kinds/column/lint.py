"""What shows of a column without a database: its type, and a default that its enum does not have."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sessionaudit.core.lint import Flaw, Lint, NamedObject
from sessionaudit.core.node import nearest
from sessionaudit.kinds.common.named_types import base_type, named_type, path_of_type
from sessionaudit.kinds.common.reserved_names import reserved_columns
from sessionaudit.kinds.lint_rules import IMPOSSIBLE_DEFAULT
from sessionaudit.sql.expression import tree

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sessionaudit.core.lint import Models
    from sessionaudit.core.ref import ObjectRef
    from sessionaudit.kinds.column.model import Column
    from sessionaudit.sql.constant import Tree


def names(_ref: ObjectRef, column: Column, schema: str) -> Iterator[NamedObject]:
    """Its type, unless that is one of PostgreSQL's own."""
    return named_type(column.type, schema)


def flaws(ref: ObjectRef, column: Column, models: Models, schema: str) -> Iterator[Flaw]:
    """A name of a system column, and a default that is a constant, and no value of the enum."""
    if models["view"].get(ref.path[:-1]) is None:  # of which a column may have any name
        yield from reserved_columns(ref, (ref.name,))
    base = base_type(column.type, models, schema)
    path = path_of_type(base, schema)
    enum = models["enum"].get(path) if path and not base.endswith("[]") else None
    value = None if enum is None or column.default is None else constant(column.default, column.type, schema)
    if enum is None or value is None or value in enum.values:
        return
    hint = nearest(value, enum.values)
    yield Flaw(
        IMPOSSIBLE_DEFAULT,
        f"The default of {ref.dotted} is “{value}”, which the enum {column.type} does not have"
        f"{'.' if not hint else f'. {hint}'}",
        facet="default",
        expected=", ".join(enum.values),
        actual=column.default,
        words=("default",),
    )


def constant(default: str, type_: str, schema: str) -> str | None:
    """The text that a default is, if it is one text, perhaps with a cast to the column's own type."""
    found = tree(f"select {default}", schema)
    value: Tree = found[0][-1] if found and len(found[0]) == 3 else ("",)
    if value[0] == "cast" and value[2] == type_:
        value = value[1]
    return str(value[1]) if value[0] == "string" else None


LINT = Lint(names=names, flaws=flaws)

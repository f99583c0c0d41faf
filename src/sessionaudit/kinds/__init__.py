"""The kinds of schema objects."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from sessionaudit.core.kind import Kind

# In the order in which they are created. Each is a room below this one, which gives its KIND; its cure stands in
# `cure.py`, which is loaded only where something is to be fixed.
ORDER = (
    "extension",
    "enum",
    "collation",
    "operator_class",
    "foreign_server",
    "table",
    "column",
    "key",
    "foreign_key",
    "check",
    "index",
    "foreign_table",
    "function",
    "policy",
    "grant",
    "trigger",
    "publication",
)
KINDS: tuple[Kind[Any], ...] = tuple(import_module(f"sessionaudit.kinds.{name}").KIND for name in ORDER)


def held_by(name: str) -> tuple[Kind[Any], ...]:
    """The kinds whose objects are in or on those of one kind; for "" those whose objects stand by themselves."""
    return tuple(kind for kind in KINDS if (name in kind.within if name else not kind.within))


# Those whose objects hold others, as a table holds columns.
HOLDING = tuple(kind for kind in KINDS if held_by(kind.name))

"""Say what sets a name."""

from __future__ import annotations

from enum import Enum
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from tree_sitter import Node


class Sets(Enum):
    """What sets a name."""

    VALUE = 1
    PARAMETER = 2
    LOOP = 3
    WITH = 4
    IMPORT = 5
    FUNCTION = 6
    CLASS = 7
    OTHER = 8


class Setting(NamedTuple):
    """One place at which a name is set. `value` is what it is set to, `kind` its type, `origin` the module of it."""

    sort: Sets
    node: Node
    value: Node | None = None
    kind: Node | None = None
    origin: str = ""
    imported: str = ""


Names = dict[str, list[Setting]]

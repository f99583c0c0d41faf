"""Names of types and collations, with and without a schema."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from sessionaudit.sql.fragment import BUILTIN_TYPES
from sessionaudit.sql.text import quoted

if TYPE_CHECKING:
    from sessionaudit.sql.fragment import Fragment

_FIRST_WORDS = frozenset({"double", "timestamp", "time", "interval"})
_QUOTED = re.compile(r'"(?:[^"]|"")*"')


def alone(name: str) -> bool:
    """Whether a name stands without a schema; a dot may be a part of it."""
    return "." not in _QUOTED.sub("", name)


def same_type(expected: str, actual: str) -> bool | None:
    """Whether two canonical types are the same; None where only the server can resolve an unqualified name."""
    if expected == actual:
        return True
    base = expected.removesuffix("[]").partition("(")[0]
    return False if base.partition(" ")[0] in _FIRST_WORDS or base in BUILTIN_TYPES or not alone(base) else None


def collation_name(fragment: Fragment) -> str:
    """Take a collation: without its schema if that is PostgreSQL's own; "" for the default."""
    owner, name = fragment.qualified("", "a collation")
    if name == "default" and owner in {"", "pg_catalog"}:
        return ""
    return quoted(name) if owner in {"", "pg_catalog"} else f"{quoted(owner)}.{quoted(name)}"

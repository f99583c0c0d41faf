"""Names of types and collations, with and without a schema."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from sessionaudit.sql.text import quoted

if TYPE_CHECKING:
    from sessionaudit.sql.fragment import Fragment

_QUOTED = re.compile(r'"(?:[^"]|"")*"')


def alone(name: str) -> bool:
    """Whether a name stands without a schema; a dot may be a part of it."""
    return "." not in _QUOTED.sub("", name)


def collation_name(fragment: Fragment) -> str:
    """Take a collation: without its schema if that is PostgreSQL's own; "" for the default."""
    owner, name = fragment.qualified("", "a collation")
    if name == "default" and owner in {"", "pg_catalog"}:
        return ""
    return quoted(name) if owner in {"", "pg_catalog"} else f"{quoted(owner)}.{quoted(name)}"

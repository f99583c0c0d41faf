"""Tell which arm of a condition is meant for PostgreSQL, where code speaks to several databases."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Sequence

_Arm = TypeVar("_Arm")
_OURS = r"postgres\w*|pg|psycopg\w*|asyncpg|neon|cockroach\w*"
_OTHERS = r"sqlite\w*|mysql\w*|mariadb|mssql|sqlserver|libsql|turso|d1|oracle|duckdb|better-sqlite3"
_COMPARED = re.compile(
    rf"\s*\(?\s*[^&|=!<>]+(?P<sign>===?|!==?)\s*['\"](?:(?P<ours>{_OURS})|{_OTHERS})['\"]\s*\)?\s*", re.IGNORECASE
)
# A name that says it: isPostgres, is_sqlite(), this.isMySql.
_NAMED = re.compile(
    rf"\s*\(?\s*(?P<sign>!|not\s)?\s*[\w.]*\b_?(?:is|use|using)_?(?:(?P<ours>{_OURS})|{_OTHERS})(?:\(\))?\s*\)?\s*",
    re.IGNORECASE,
)


def arms_of_postgres(arms: Sequence[_Arm], condition: str) -> list[_Arm]:
    """Return the arm that runs with PostgreSQL, of the two of a condition; both, if it does not ask which."""
    found = _COMPARED.fullmatch(condition) or _NAMED.fullmatch(condition)
    if found is None or len(arms) != 2:
        return list(arms)
    equal = not (found["sign"] or "").startswith(("!", "not"))
    return [arms[0] if equal == bool(found["ours"]) else arms[1]]

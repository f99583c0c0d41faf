"""Tell what of a contract a SQL text names."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sessionaudit.kinds import HOLDING
from sessionaudit.sql.text import tokens, unquote

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sessionaudit.contract.model import Contract
    from sessionaudit.core.kind import ObjectPath


def words(sql: str) -> Iterator[str]:
    """Return every name in a SQL text, folded as PostgreSQL does."""
    for token in tokens(sql):
        if token.sort in {"word", "quoted"}:
            yield unquote(token.text)


def named(sql: str, contract: Contract) -> set[ObjectPath]:
    """Return the tables of the contract that a SQL text names; a qualified name must match in both parts."""
    found: set[ObjectPath] = set()
    known = [contract.objects[kind.name] for kind in HOLDING]
    parts = list(tokens(sql))
    for index, token in enumerate(parts):
        if token.sort not in {"word", "quoted"}:
            continue
        name = unquote(token.text)
        before = parts[index - 1].text if index else ""
        if before == ".":
            path = (unquote(parts[index - 2].text), name) if index > 1 else (contract.schema, name)
        elif index + 1 < len(parts) and parts[index + 1].text == ".":
            continue  # an alias, or the schema of the next name
        else:
            path = (contract.schema, name)
        if any(path in objects for objects in known):
            found.add(path)
    return found

"""Which objects of a contract a type may be, by its name."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from sessionaudit.core.lint import NamedObject
from sessionaudit.core.ref import ObjectRef
from sessionaudit.kinds.column.rewrites import builtin, shape
from sessionaudit.sql.text import UnclosedError, tokens, unquote

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sessionaudit.core.kind import ObjectPath
    from sessionaudit.core.lint import Models

GIVING_TYPES = ("enum", "domain", "composite_type", "range_type")


@lru_cache(maxsize=65536)
def path_of_type(type_: str, schema: str) -> ObjectPath | None:
    """Return the path of a type without its length and dimensions; None if it is one of PostgreSQL's own."""
    if builtin(type_):
        return None
    try:
        path = tuple(unquote(token.text) for token in tokens(shape(type_)[0]) if token.text != ".")
    except UnclosedError:
        return None
    return path if len(path) == 2 else (schema, *path) if len(path) == 1 else None


def named_type(type_: str, schema: str) -> Iterator[NamedObject]:
    """Yield the object that a type may be, unless it is one of PostgreSQL's own."""
    if path := path_of_type(type_, schema):
        yield NamedObject(tuple(ObjectRef(kind, path) for kind in GIVING_TYPES))


def base_type(type_: str, models: Models, schema: str) -> str:
    """Return the type under the domains that the contract declares."""
    known: set[ObjectPath] = set()
    while (path := path_of_type(type_, schema)) and path not in known:
        known.add(path)
        domain = models["domain"].get(path)
        if domain is None or type_.endswith("[]"):
            break
        type_ = domain.type
    return type_

"""The kinds of schema objects."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from sessionaudit.core.object_classes import IN_WORDS

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sessionaudit.core.kind import Kind, ObjectPath

# In the order in which they are created. Each is a room below this one, which gives its KIND; its cure stands in
# `cure.py`, which is loaded only where something is to be fixed.
ORDER = (
    "schema",
    "membership",
    "extension",
    "enum",
    "collation",
    "operator_class",
    "foreign_server",
    "composite_type",
    "range_type",
    "domain",
    "sequence",
    "table",
    "column",
    "key",
    "foreign_key",
    "check",
    "exclusion",
    "index",
    "statistics",
    "foreign_table",
    "function",
    "aggregate",
    "view",
    "materialized_view",
    "policy",
    "grant",
    "default_privileges",
    "trigger",
    "rewrite_rule",
    "publication_settings",
    "publication",
    "event_trigger",
    "comment",
)
KINDS: tuple[Kind[Any], ...] = tuple(import_module(f"sessionaudit.kinds.{name}").KIND for name in ORDER)


def held_by(name: str) -> tuple[Kind[Any], ...]:
    """The kinds whose objects are in or on those of one kind; for "" those whose objects stand by themselves."""
    return tuple(kind for kind in KINDS if (name in kind.within if name else not kind.within))


def path_of(name: str, parts: Iterable[str]) -> ObjectPath:
    """The path of an object of a kind from its parts as they were printed."""
    path = tuple(parts)
    kind = next((kind for kind in KINDS if kind.name == name), None)
    return kind.respell(path) if kind and kind.respell else path


# Those whose objects hold others, as a table holds columns.
HOLDING = tuple(kind for kind in KINDS if held_by(kind.name))
# Those of them that are relations, which share their names.
RELATIONS = tuple(kind for kind in HOLDING if kind.on_relation)
# That of the schemas, in which the others are.
SCHEMAS = next(kind for kind in KINDS if kind.is_schema)
# What people may expect and no kind covers, in words.
NOT_AUDITED = tuple(words for name, words in IN_WORDS.items() if not any(name in kind.classes for kind in KINDS))

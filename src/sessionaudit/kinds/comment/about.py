"""The objects that a comment may be on."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sessionaudit.core.ref import ObjectRef
from sessionaudit.kinds.comment.target import target

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sessionaudit.core.kind import ObjectPath
    from sessionaudit.kinds.comment.target import Commented

# The kinds of what a comment is on. Their paths are the same, but that an index or a statistics object is named
# without its table here.
KINDS_OF = {
    "table": ("table",),
    "view": ("view", "table"),
    "materialized view": ("materialized_view", "table"),
    "foreign table": ("foreign_table", "table"),
    "column": ("column",),
    "constraint": ("key", "foreign_key", "check", "exclusion"),
    "trigger": ("trigger",),
    "policy": ("policy",),
    "rule": ("rewrite_rule",),
    "sequence": ("sequence",),
    "index": ("index",),
    "statistics": ("statistics",),
    "collation": ("collation",),
    "type": ("enum", "composite_type", "range_type", "domain"),
    "domain": ("domain",),
    "schema": ("schema",),
    "extension": ("extension",),
    "event trigger": ("event_trigger",),
    "publication": ("publication_settings",),
    "server": ("foreign_server",),
    "function": ("function",),
    "procedure": ("function",),
    "routine": ("function", "aggregate"),
    "aggregate": ("aggregate",),
    "operator class": ("operator_class",),
}
_OF_COLUMN = ("composite_type", "foreign_table")


def refs(on: Commented) -> Iterator[ObjectRef]:
    """The object that has a comment, of each kind that it could be."""
    path = on.path[:2] if on.sort == "operator class" else on.path  # without its index method
    yield from (ObjectRef(kind, path) for kind in KINDS_OF.get(on.sort, ()))


def about(path: ObjectPath) -> Iterator[ObjectRef]:
    """What a comment may be on, and what that is a part of and would take it along."""
    on = target(path[0], "")
    yield from refs(on)
    if on.of_domain:
        yield ObjectRef("domain", on.path[:2])
    elif on.sort == "column":
        yield from (ObjectRef(kind, on.path[:-1]) for kind in _OF_COLUMN)

"""What shows of a comment without a database: the object that it is on."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sessionaudit.core.lint import Lint, NamedObject
from sessionaudit.core.ref import ObjectRef
from sessionaudit.kinds.comment.target import target
from sessionaudit.kinds.common.named_columns import columns_of, relation_of
from sessionaudit.kinds.common.named_types import GIVING_TYPES

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sessionaudit.kinds.comment.model import Comment

_KINDS = {
    "type": GIVING_TYPES,
    "domain": ("domain",),
    "sequence": ("sequence",),
    "collation": ("collation",),
    "schema": ("schema",),
    "extension": ("extension",),
    "event trigger": ("event_trigger",),
    "server": ("foreign_server",),
    "function": ("function",),
    "procedure": ("function",),
    "aggregate": ("aggregate",),
    "constraint": ("key", "foreign_key", "check", "exclusion"),
    "trigger": ("trigger",),
    "policy": ("policy",),
    "rule": ("rewrite_rule",),
}
_RELATIONS = ("table", "view", "materialized view", "foreign table")


def names(ref: ObjectRef, _comment: Comment, schema: str) -> Iterator[NamedObject]:
    """What it is on, as far as a contract can declare that, and the relation which that is on."""
    on = target(ref.path[0], schema)
    if on.on_relation:
        yield relation_of(on.path[:2])
    if on.sort == "column":
        yield from columns_of(on.path[:2], on.path[2:])
    elif on.sort in _KINDS and not on.of_domain:
        yield NamedObject(tuple(ObjectRef(kind, on.path) for kind in _KINDS[on.sort]))


LINT = Lint(names=names)

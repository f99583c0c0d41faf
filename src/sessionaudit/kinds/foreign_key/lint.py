"""What shows of a foreign key without a database: its ends, whether their types compare, and what it does on delete."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sessionaudit.core.counting import counted
from sessionaudit.core.lint import Flaw, Lint
from sessionaudit.core.ref import dotted
from sessionaudit.kinds.common.named_columns import columns_of, relation_of
from sessionaudit.kinds.common.named_types import base_type
from sessionaudit.kinds.foreign_key.comparable import comparable
from sessionaudit.kinds.lint_rules import IMPOSSIBLE_ACTION, UNFIT_KEY
from sessionaudit.sql.fragment import Fragment

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sessionaudit.core.lint import Models, NamedObject
    from sessionaudit.core.ref import ObjectRef
    from sessionaudit.kinds.foreign_key.model import ForeignKey


def names(ref: ObjectRef, key: ForeignKey, _schema: str) -> Iterator[NamedObject]:
    """Its columns, and those that it references."""
    yield from columns_of(ref.path[:2], key.columns)
    yield relation_of(key.target)
    yield from columns_of(key.target, key.target_columns)


def flaws(ref: ObjectRef, key: ForeignKey, models: Models, schema: str) -> Iterator[Flaw]:
    """Another number of columns, types that do not compare, and an action that always fails."""
    targets = key.target_columns or _primary_key(key, models)
    if targets and len(targets) != len(key.columns):
        yield Flaw(
            UNFIT_KEY,
            f"The foreign key {ref.dotted} has {counted(len(key.columns), 'column')}, and references "
            f"{counted(len(targets), 'column')} of {dotted(key.target)}.",
            facet="target",
            words=("references",),
        )
        return
    for name, target in zip(key.columns, targets, strict=bool(targets)) if targets else ():
        own, other = (models["column"].get(path) for path in ((*ref.path[:2], name), (*key.target, target)))
        if own is None or other is None:
            continue
        first, second = (base_type(column.type, models, schema) for column in (own, other))
        if not comparable(first, second, models, schema):
            yield Flaw(
                UNFIT_KEY,
                f"The foreign key {ref.dotted} compares {name} ({own.type}) with {dotted((*key.target, target))} "
                f"({other.type}): PostgreSQL has no operator for these types.",
                facet="target",
                expected=other.type,
                actual=own.type,
                words=(name,),
            )
    yield from _actions(ref, key, models)


def _primary_key(key: ForeignKey, models: Models) -> tuple[str, ...]:
    for path, found in models["key"].items():
        if path[:2] == key.target and found is not None and found.type == "primary key":
            return tuple(found.columns)
    return ()


def _actions(ref: ObjectRef, key: ForeignKey, models: Models) -> Iterator[Flaw]:
    for event, action in (("delete", key.on_delete), ("update", key.on_update)):
        for name in _set_to_null(action, key):
            column = models["column"].get((*ref.path[:2], name))
            if column is not None and column.not_null:
                yield Flaw(
                    IMPOSSIBLE_ACTION,
                    f"The foreign key {ref.dotted} sets {name} to null on {event}, and {name} is NOT NULL: each {event}"
                    f" of a row of {dotted(key.target)} to which rows refer fails (23502).",
                    facet="action",
                    words=(event,),
                )


def _set_to_null(action: str, key: ForeignKey) -> tuple[str, ...]:
    """Return the columns that an action sets to null: those that it lists, or all."""
    fragment = Fragment(action)
    if not fragment.accept("set", "null"):
        return ()
    return key.columns if fragment.done else fragment.names()


LINT = Lint(names=names, flaws=flaws)

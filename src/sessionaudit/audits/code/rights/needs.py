"""Tell what a request needs to be permitted: which command on which columns of which relation."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from sessionaudit.audits.code.model import Action
from sessionaudit.audits.code.postgrest.filters import FilterTerm

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sessionaudit.audits.code.compiling import Compiled
    from sessionaudit.audits.code.model import Span
    from sessionaudit.audits.code.postgrest.filters import LogicTree
    from sessionaudit.audits.code.reading_tree import ReadTree
    from sessionaudit.audits.code.schema_cache.model import CachedRelation

_COMMANDS = {Action.INSERT: "insert", Action.UPSERT: "insert", Action.UPDATE: "update", Action.DELETE: "delete"}


class NeededRight(NamedTuple):
    """A privilege that a request needs, at a place; `columns` is None where it is all of them, or the relation.

    `through` is the view that reads the relation, with the rights of whoever reads the view.
    """

    relation: CachedRelation
    privilege: str
    columns: tuple[str, ...] | None
    at: Span
    through: str = ""


def needs(compiled: Compiled) -> Iterator[NeededRight]:
    """Return what a request needs on relations; the first one is its own command."""
    relation, tree, action = compiled.relation, compiled.tree, compiled.request.action
    if relation is None:
        return
    at = compiled.at
    written = "return=representation" in compiled.wire.prefer
    if command := _COMMANDS.get(action):
        named = tuple(dict.fromkeys(name for row in compiled.rows for name in row.fields if name in relation.columns))
        yield NeededRight(relation, command, None if command == "delete" else named or None, at)
        if action is Action.UPSERT and "resolution=merge-duplicates" in compiled.wire.prefer and named:
            yield NeededRight(relation, "update", named, at)
        read = set(_filtered(compiled, ()))
        read |= set(_selected(tree)) if written and tree else set()
        if read:
            yield NeededRight(relation, "select", _known(relation, read), at)
    elif action is Action.SELECT and tree:
        yield NeededRight(relation, "select", _known(relation, {*_selected(tree), *_filtered(compiled, ())}), at)
    if tree and (written or not _COMMANDS.get(action)):
        yield from _embedded(compiled, tree)


def _embedded(compiled: Compiled, tree: ReadTree) -> Iterator[NeededRight]:
    for child in tree.children:
        at = tree.text.span(child.item.start, child.item.end) or compiled.request.at
        relation = child.tree.relation
        if child.way.cardinality != "computed":
            joined = {other for _, other in child.way.columns} if not child.way.junction else set[str]()
            names = {*_selected(child.tree), *_filtered(compiled, child.tree.tables), *joined}
            yield NeededRight(relation, "select", _known(relation, names), at)
        yield from _embedded(compiled, child.tree)


def _selected(tree: ReadTree) -> Iterator[str]:
    if not tree.columns and not tree.children:
        yield "*"
    for item, _ in tree.columns:
        yield item.field.name
    for child in tree.children:
        yield from (own for own, _ in child.way.columns)


def _filtered(compiled: Compiled, tables: tuple[str, ...]) -> Iterator[str]:
    for one in compiled.query.filters:
        if one.tables == tables:
            yield from _named(one.tree)
    for order in compiled.query.orders:
        if order.tables == tables:
            yield from (term.field.name for term in order.terms if not term.relation)


def _named(tree: LogicTree) -> Iterator[str]:
    if isinstance(tree, FilterTerm):
        yield tree.field.name
    else:
        for term in tree.terms:
            yield from _named(term)


def _known(relation: CachedRelation, names: set[str]) -> tuple[str, ...]:
    """The columns that are meant; all of them, for the whole row."""
    if "*" in names:
        return tuple(relation.columns)
    return tuple(name for name in relation.columns if name in names)

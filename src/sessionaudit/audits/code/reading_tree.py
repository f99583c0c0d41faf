"""Resolve what a request reads into a tree of relations, and compile that to a query.

As PostgREST does: embedded tables are lateral joins, by the relationships of the schema cache.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct, field

from sessionaudit.audits.code.filtering import field_sql, filter_sql
from sessionaudit.audits.code.placed_sql import COLUMN, Mark
from sessionaudit.audits.code.postgrest.embeds import UnfitNameError, relationship
from sessionaudit.audits.code.postgrest.select import ColumnItem, EmbedItem, SelectItem
from sessionaudit.audits.code.select_items import Selecting
from sessionaudit.sql.text import identifier

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from sessionaudit.audits.code.placed_sql import PlacedSql
    from sessionaudit.audits.code.postgrest.filters import OrderTerm
    from sessionaudit.audits.code.postgrest.query import ParsedQuery, PlacedOrder
    from sessionaudit.audits.code.postgrest.wire_text import WireText
    from sessionaudit.audits.code.schema_cache.model import CachedRelation, Relationship, SchemaCache

SOURCE = "pgrst_source"
_NULL = "null::text"


class ReadTree(Struct, kw_only=True):
    """A relation that is read: its columns, each with its atom, and the tables that are embedded into it.

    `qualifier` is what its columns are qualified with, `start` what follows FROM, `conditions` how it is joined.
    `tables` are the names of embedded tables that lead to it. It is `whole` if all that is embedded is known.
    """

    relation: CachedRelation
    qualifier: tuple[str, ...]
    start: str
    text: WireText
    tables: tuple[str, ...] = ()
    columns: list[tuple[ColumnItem, int]] = field(default_factory=list[tuple[ColumnItem, int]])
    children: list[EmbeddedTree] = field(default_factory=list["EmbeddedTree"])
    conditions: list[str] = field(default_factory=list[str])
    whole: bool = True

    def child(self, name: str) -> EmbeddedTree | None:
        """Return the embedded table that a filter or an order means."""
        by_name = (one for one in self.children if one.item.name == name)
        return next(by_name, None) or next((one for one in self.children if one.item.target == name), None)


class EmbeddedTree(Struct, kw_only=True):
    """An embedded table: what the code says, the relationship, and under which alias it is joined."""

    item: EmbedItem
    way: Relationship
    tree: ReadTree
    alias: str


class UnfitEmbed(Struct, frozen=True, kw_only=True):
    """An embedding that PostgREST finds no single relationship for."""

    item: EmbedItem
    error: UnfitNameError
    of: CachedRelation
    at_hint: bool


class TreeMaker:
    """Makes the tree of a request; notes what does not fit, and what is not known."""

    def __init__(self, sql: PlacedSql, cache: SchemaCache, query: ParsedQuery) -> None:
        self._sql, self._cache, self._query = sql, cache, query
        self._number = 0
        self.unfit: list[UnfitEmbed] = []
        self.unknown: list[SelectItem] = []

    def root(self, relation: CachedRelation, *, of_source: bool) -> ReadTree:
        """Return the tree; `of_source` says that its rows come from what was written, or from a function."""
        qualifier = relation.path[1:] if of_source else relation.path
        start = f"{SOURCE} as {identifier(*qualifier)}" if of_source else identifier(*relation.path)
        tree = ReadTree(relation=relation, qualifier=qualifier, start=start, text=self._query.select_text)
        self._fill(tree, self._query.select)
        return tree

    def _fill(self, tree: ReadTree, items: Sequence[SelectItem]) -> None:
        for item in items:
            if not item.known:
                self.unknown.append(item)
                tree.whole = tree.whole and isinstance(item, ColumnItem)
            elif isinstance(item, ColumnItem):
                tree.columns.append((item, self._sql.new_atom(_NULL)))
            elif child := self._embedded(tree, item):
                tree.children.append(child)
            else:
                tree.whole = False

    def _embedded(self, parent: ReadTree, item: EmbedItem) -> EmbeddedTree | None:
        try:
            way = relationship(self._cache, parent.relation.path, item.target, item.hint)
        except UnfitNameError as error:
            self.unfit.append(UnfitEmbed(item=item, error=error, of=parent.relation, at_hint=bool(item.hint)))
            return None
        relation = self._cache.relations.get(way.foreign)
        if relation is None:
            return None
        self._number += 1
        alias = f"{item.target}_{self._number}"
        inner = f"{relation.path[1]}_{self._number}"
        tree = ReadTree(
            relation=relation,
            qualifier=(inner,),
            start=_from(way, relation, parent, inner),
            text=parent.text,
            tables=(*parent.tables, item.name),
            conditions=_conditions(way, parent, inner),
        )
        self._fill(tree, item.items)
        return EmbeddedTree(item=item, way=way, tree=tree, alias=alias)


def _from(way: Relationship, relation: CachedRelation, parent: ReadTree, alias: str) -> str:
    if way.function:
        row = f"{identifier(*parent.qualifier[-1:])}::{identifier(*parent.relation.path)}"
        return f"{identifier(*way.function)}({row}) as {identifier(alias)}"
    joined = f", {identifier(*way.junction)} as {identifier(_junction(alias))}" if way.junction else ""
    return f"{identifier(*relation.path)} as {identifier(alias)}{joined}"


def _junction(alias: str) -> str:
    return f"{alias} through"


def _conditions(way: Relationship, parent: ReadTree, alias: str) -> list[str]:
    if way.junction:
        through = _junction(alias)
        own = (f"{identifier(*parent.qualifier, a)} = {identifier(through, b)}" for a, b in way.columns)
        other = (f"{identifier(alias, a)} = {identifier(through, b)}" for a, b in way.junction_columns)
        return [*own, *other]
    return [f"{identifier(*parent.qualifier, a)} = {identifier(alias, b)}" for a, b in way.columns]


def read_sql(sql: PlacedSql, tree: ReadTree, query: ParsedQuery, *, filtered: bool = True) -> None:
    """Add the query of a tree; its own filters only if `filtered`."""
    sql.add("select ")
    selecting = Selecting(sql, tree.text, tree.relation, tree.qualifier)
    word = ""
    for item, atom in tree.columns:
        sql.add(word)
        selecting.item(item, atom)
        word = ", "
    for child in tree.children:
        sql.add(word + _gives(child))
        word = ", "
    if not word:
        sql.name(*tree.qualifier).add(".*")
    sql.add(f" from {tree.start}")
    for child in tree.children:
        _join(sql, child, query)
    filters = query.filters if filtered else ()
    filter_sql(sql, filters, tree.relation, tree.qualifier, tree.tables, _embedded_in(tree), tree.conditions)
    if any(item.aggregate for item, _ in tree.columns):
        _group(sql, tree, selecting)
    _order(sql, tree, query)
    limit = query.limits.get(tree.tables)
    if limit is not None and limit.value.text.isdecimal() and limit.name.text.endswith("limit"):
        sql.add(f" limit {limit.value.text}")


def _embedded_in(tree: ReadTree) -> Callable[[str], str | None]:
    def alias(name: str) -> str | None:
        return next((child.alias for child in tree.children if child.item.name == name), None)

    return alias


def _gives(child: EmbeddedTree) -> str:
    alias = identifier(child.alias)
    if child.item.spread:
        return f"{alias}.*"
    if child.way.to_one:
        return f"row_to_json({alias}.*)::jsonb as {identifier(child.item.name)}"
    return f"coalesce({alias}.{alias}, '[]') as {identifier(child.item.name)}"


def _join(sql: PlacedSql, child: EmbeddedTree, query: ParsedQuery) -> None:
    alias = identifier(child.alias)
    inner = child.item.join == "inner"
    sql.add(f" {'inner' if inner else 'left'} join lateral (")
    many = not child.way.to_one and not child.item.spread
    sql.add(f"select json_agg({alias})::jsonb as {alias} from (" if many else "")
    read_sql(sql, child.tree, query)
    sql.add(f") as {alias}" if many else "")
    sql.add(f") as {alias} on {f'{alias} is not null' if inner and many else 'true'}")


def _group(sql: PlacedSql, tree: ReadTree, selecting: Selecting) -> None:
    word = " group by "
    for item, atom in tree.columns:
        if not item.aggregate:
            sql.add(word)
            selecting.group(item, atom)
            word = ", "
    for child in tree.children:
        if not child.item.spread:
            sql.add(f"{word}{identifier(child.item.name)}")
            word = ", "


def _order(sql: PlacedSql, tree: ReadTree, query: ParsedQuery) -> None:
    word = " order by "
    for placed in query.orders:
        if placed.tables != tree.tables:
            continue
        for term in placed.terms:
            if not term.field.known:
                continue
            if term.relation and not ((child := tree.child(term.relation)) and child.way.to_one):
                continue
            sql.add(word)
            sql.begin(sql.new_atom(_NULL))
            _term(sql, tree, placed, term)
            sql.end()
            word = ", "


def _term(sql: PlacedSql, tree: ReadTree, placed: PlacedOrder, term: OrderTerm) -> None:
    at = placed.text.span(term.field.start, term.field.end)
    child = tree.child(term.relation) if term.relation else None
    relation = child.tree.relation if child else tree.relation
    mark = Mark(COLUMN, term.field.name, at, relation, relation.columns.get(term.field.name))
    field_sql(sql, term.field, relation, (child.alias,) if child else tree.qualifier, mark)
    sql.add("".join(f" {word.lower()}" for word in (term.direction, term.nulls) if word))


def returning(sql: PlacedSql, tree: ReadTree) -> None:
    """Add what a statement that writes returns, for the rest to read: the columns selected, and those of the keys."""
    names = {item.field.name for item, _ in tree.columns}
    qualifier = tree.relation.path
    if "*" in names or any(child.way.cardinality == "computed" for child in tree.children):
        sql.name(*qualifier).add(".*")
        return
    selecting = Selecting(sql, tree.text, tree.relation, qualifier)
    told: set[str] = set()
    word = ""
    for item, atom in tree.columns:
        if item.field.name in told:
            continue
        told.add(item.field.name)
        sql.add(word)
        word = ", "
        selecting.bare(item, atom)
    keys = [own for child in tree.children for own, _ in child.way.columns]
    for name in dict.fromkeys((*keys, *tree.relation.primary_key)):
        if name not in told:
            sql.add(word).name(*qualifier, name)
            word = ", "
    sql.add("1" if not word else "")

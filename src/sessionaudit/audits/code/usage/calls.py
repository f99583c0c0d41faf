"""Collect what calls of the code need of a database: relations with their columns, functions, keys and values."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from msgspec import Struct, field

from sessionaudit.audits.code.model import Action, Known
from sessionaudit.audits.code.placed_sql import COLUMN, VALUE
from sessionaudit.audits.code.rights.needs import needs

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sessionaudit.audits.code.compiling import Compiled
    from sessionaudit.audits.code.model import Span
    from sessionaudit.audits.code.placed_sql import Mark
    from sessionaudit.audits.code.reading_tree import EmbeddedTree, ReadTree
    from sessionaudit.audits.code.schema_cache.model import CachedRelation, Routine, SchemaCache
    from sessionaudit.core.kind import ObjectPath

_FILLING = {Action.INSERT: "insert", Action.UPSERT: "insert", Action.UPDATE: "update"}
_LISTENING, _CALLING = "listen", "call"
OF_FUNCTIONS = "()"  # the end of the path under which uses of all functions of a name stand


class ObjectUse(NamedTuple):
    """A use of a relation or a function: the word of a privilege, or `listen` or `call`; as which roles, and where."""

    what: str
    roles: tuple[str, ...]
    at: Span


class UsedByCalls(Struct, kw_only=True):
    """What calls need, by the oids of the server.

    `columns` has the numbers of columns by their relation, also where none is used. Into the relations `inserted` rows
    are inserted, and those `updated` are updated. `keys` are the names of foreign keys that embeds follow, `computed`
    the functions that embeds call. `uses` are by the path of the relation, or by the name of functions and
    OF_FUNCTIONS; `values` by the path of the enum, or of the column that a check is about. `rights` are relations, each
    with a role that works with it.
    """

    columns: dict[int, set[int]] = field(default_factory=dict[int, set[int]])
    functions: set[int] = field(default_factory=set[int])
    inserted: set[int] = field(default_factory=set[int])
    updated: set[int] = field(default_factory=set[int])
    keys: set[str] = field(default_factory=set[str])
    computed: set[tuple[str, str]] = field(default_factory=set[tuple[str, str]])
    listened: set[tuple[str, str]] = field(default_factory=set[tuple[str, str]])
    uses: dict[ObjectPath, list[ObjectUse]] = field(default_factory=dict["ObjectPath", list[ObjectUse]])
    values: dict[ObjectPath, dict[str, None]] = field(default_factory=dict["ObjectPath", dict[str, None]])
    rights: set[tuple[tuple[str, str], str]] = field(default_factory=set[tuple[tuple[str, str], str]])

    def add(self, one: Compiled, roles: tuple[str, ...], cache: SchemaCache) -> None:
        """Add what a request needs, which may be sent as some roles."""
        for routine in _called(one, cache):
            self.functions.add(routine.oid)
            self._use((*routine.path, OF_FUNCTIONS), ObjectUse(_CALLING, roles, one.at))
        if one.relation is None:
            return
        self._relation(one.relation)
        if one.request.action is Action.LISTEN:
            self.listened.add(one.relation.path)
            self._use(one.relation.path, ObjectUse(_LISTENING, roles, one.at))
        for need in needs(one):
            self._relation(need.relation, need.columns or ())
            self._use(need.relation.path, ObjectUse(need.privilege, roles, need.at))
            self.rights.update((need.relation.path, role) for role in roles)
        filled = {"insert": self.inserted, "update": self.updated}.get(_FILLING.get(one.request.action, ""))
        if filled is not None:
            filled.add(one.relation.oid)
        for child in _children(one.tree):
            self._embed(child, roles, cache, one.at)
        for mark in one.sql.marks() if one.sql else ():
            self._mark(mark)

    def _relation(self, relation: CachedRelation, names: tuple[str, ...] = ()) -> None:
        known = self.columns.setdefault(relation.oid, set())
        known.update(relation.columns[name].number for name in names if name in relation.columns)

    def _use(self, path: ObjectPath, use: ObjectUse) -> None:
        self.uses.setdefault(path, []).append(use)

    def _embed(self, child: EmbeddedTree, roles: tuple[str, ...], cache: SchemaCache, at: Span) -> None:
        way = child.way
        self.keys.update(name for name in (way.constraint, way.other_constraint) if name)
        if way.function:
            self.computed.add(way.function)
        ends = [(way.table, [own for own, _ in way.columns]), (way.foreign, [other for _, other in way.columns])]
        if way.junction:
            through = [other for _, other in (*way.columns, *way.junction_columns)]
            ends = [ends[0], (way.foreign, [own for own, _ in way.junction_columns]), (way.junction, through)]
            self.rights.update((way.junction, role) for role in roles)
            self._use(way.junction, ObjectUse("select", roles, at))
        for path, names in ends:
            if (relation := cache.relations.get(path)) is not None:
                self._relation(relation, tuple(names))

    def _mark(self, mark: Mark) -> None:
        relation, column = mark.relation, mark.column
        if relation is None:
            return
        if column is None and mark.sort == COLUMN:
            column = relation.columns.get(mark.name)
        if column is None:
            return
        self._relation(relation, (column.name,))
        if mark.sort != VALUE:
            return
        if mark.name in column.labels:
            self.values.setdefault((column.type_schema, column.type_name), {})[mark.name] = None
        elif not column.labels and any(check.columns == (column.name,) for check in relation.checks):
            self.values.setdefault((*relation.path, column.name), {})[mark.name] = None


def _called(one: Compiled, cache: SchemaCache) -> tuple[Routine, ...]:
    """The function that is called; all of its name, where it is not told which."""
    if one.routine is not None:
        return (one.routine,)
    request = one.request
    schema = request.schema.value if isinstance(request.schema, Known) else cache.schemas[0]
    if request.action is not Action.CALL or not isinstance(request.target, Known):
        return ()
    return cache.routines.get((str(schema), str(request.target.value)), ())


def _children(tree: ReadTree | None) -> Iterator[EmbeddedTree]:
    for child in tree.children if tree else ():
        yield child
        yield from _children(child.tree)

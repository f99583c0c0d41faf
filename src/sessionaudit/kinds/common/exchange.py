"""Replacing an index or key: what the old one has besides its definition, and foreign keys that depend on it.

A foreign key names no index: PostgreSQL picks a unique one when the key is added. So it is dropped and added again
in the same transaction, NOT VALID, so that nobody waits while its rows are read.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from msgspec import Struct

from sessionaudit.core.cure import absent, fitting
from sessionaudit.core.ref import ObjectRef, dotted
from sessionaudit.core.step import Around, Composed
from sessionaudit.kinds.common.carried_over import itself, listed, marks
from sessionaudit.kinds.common.rights import owning
from sessionaudit.kinds.foreign_key.kind import same_target
from sessionaudit.sql.fragment import Fragment, FragmentError
from sessionaudit.sql.text import quoted, tokens, unquote

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from sessionaudit.core.cure import Difference
    from sessionaudit.core.kind import ObjectPath
    from sessionaudit.core.step import Condition, Dependent

_CONSTRAINTS = {"primary key", "unique constraint", "exclusion constraint"}
_HELP = "Drop it first, or let it use another key."


def unique_columns(definition: str) -> frozenset[str]:
    """The columns that a unique index makes unique for a foreign key; none for a partial one, for example."""
    try:
        return _unique_columns(Fragment(definition))
    except FragmentError:
        return frozenset()


def _unique_columns(fragment: Fragment) -> frozenset[str]:
    if not fragment.accept("btree"):
        return frozenset()
    elements = Fragment(fragment.parenthesised())
    found: list[str] = []
    while not elements.done:
        if elements.peek("("):
            return frozenset()
        found.append(elements.name("a column"))
        if elements.accept("collate"):
            elements.qualified("")
        if not elements.accept("asc"):
            elements.accept("desc")
        if elements.accept("nulls"):
            elements.one_of("first", "last")
        if not (elements.done or elements.accept(",")):
            return frozenset()
    if fragment.accept("include"):
        fragment.parenthesised()
    return frozenset(found) if _whole(fragment) and len(set(found)) == len(found) else frozenset()


def clusterable(definition: str) -> bool:
    """Whether a table can be clustered by an index."""
    fragment = Fragment(definition)
    if not (fragment.accept("btree") or fragment.accept("gist")):
        return False
    fragment.parenthesised()
    return _whole(fragment)


def _whole(fragment: Fragment) -> bool:
    """Whether the index is not partial, as far as its definition tells."""
    return "where" not in {token.text.lower() for token in tokens(fragment.rest()) if token.sort == "word"}


def referring(difference: Difference[Any], columns: Iterable[str]) -> tuple[ObjectPath, ...]:
    """The foreign keys that point to these columns, except those whose target the contract changes."""
    wanted = difference.wanted["foreign_key"]
    return tuple(
        path
        for path, key in difference.present["foreign_key"].items()
        if key.target == difference.table and {*key.target_columns} == {*columns}
        if (expected := wanted.get(path, key)) is not None and same_target(expected, key)
    )


def heirs(difference: Difference[Any], columns: Iterable[str]) -> tuple[Condition, ...] | None:
    """The conditions for another index or key to make the columns unique; None where the contract has none."""
    wanted, present = difference.wanted, difference.present
    found = [
        ObjectRef(kind, path)
        for kind in ("key", "index")
        for path, model in difference.declared(kind, difference.table).items()
        if model is not None and path != difference.ref.path
        if (kind == "index" and model.unique and unique_columns(model.definition) == frozenset(columns))
        or (kind == "key" and {*model.columns} == {*columns} and not (model.deferral or model.without_overlaps))
    ]
    ready = [ref for ref in found if wanted[ref.kind][ref.path] == present[ref.kind].get(ref.path)]
    return () if ready else tuple(fitting(ref) for ref in found) or None


def leaving_first(difference: Difference[Any], columns: Iterable[str]) -> tuple[Condition, ...]:
    """That other unique indexes on these columns are as expected, on which no foreign key rests.

    PostgreSQL may pick such an index for a foreign key that is added again: that cannot be if it is no longer unique.
    """
    keys = difference.present["foreign_key"]
    resting = {keys[path].rests_on for path in referring(difference, columns)}
    found = [
        ObjectRef("index", path)
        for path, index in difference.present["index"].items()
        if path[:2] == difference.table and path[2] not in resting
        if index.unique and unique_columns(index.definition) == frozenset(columns)
    ]
    return tuple(condition for ref in found for condition in (fitting(ref), absent(ref))) if resting else ()


class Exchange(Struct, frozen=True, kw_only=True):
    """An index or key that replaces another: `moved` are the foreign keys that use the new one afterwards.

    `address` is the query of the old one's address. `leaving` are those that no longer use the old one by then.
    `alike` tells whether both cover the same columns, `clusters` whether a table can be clustered by the new one.
    """

    difference: Difference[Any]
    address: str
    moved: tuple[ObjectPath, ...]
    leaving: tuple[ObjectPath, ...] = ()
    alike: bool = True
    clusters: bool = True

    def building(self, statements: Sequence[str], plain: Sequence[str], name: str) -> Around:
        """For the step that builds the new index under a name: with what the old one has besides its definition.

        `plain` are the statements for a script in one transaction, if they are others.
        """

        def compose(found: tuple[Dependent, ...]) -> Composed:
            kept = [_renamed(one, self.difference.ref.path[2], name) for one in self._marks(found)]
            return Composed(
                (*statements, *kept),
                plain=(*plain, *kept) if plain else (),
                stuck=self._stuck(found),
                help=_HELP,
                told=self._told(found),
            )

        return Around(self._address, compose)

    def looking(self, statements: Sequence[str]) -> Around:
        """For a step that must not run where the replacement is impossible."""

        def compose(found: tuple[Dependent, ...]) -> Composed:
            return Composed(tuple(statements), stuck=self._stuck(found), help=_HELP)

        return Around(self._address, compose)

    def exchanging(self, statements: Sequence[str], *, marked: bool) -> Around:
        """For the step that replaces the old one; with `marked` the new one gets what the old one had."""

        def compose(found: tuple[Dependent, ...]) -> Composed:
            keys = [one for one in found if self._moves(one)]
            off = [take for one in keys for take in one.take]
            on = [statement for one in keys for statement in _unproven(one)]
            kept = self._marks(found) if marked else ()
            return Composed(
                (*off, *statements, *kept, *on),
                locks=tuple(one.path for one in keys),
                needs=tuple(owning(one.path) for one in keys),
                stuck=self._stuck(found),
                help=_HELP,
            )

        return Around(self._address, compose)

    @property
    def _address(self) -> str:
        return f"select o.*, true, false from ({self.address}) o"

    def _moves(self, one: Dependent) -> bool:
        return one.sort == "foreign key" and one.name in {_said(path) for path in self.moved}

    def _stuck(self, found: Iterable[Dependent]) -> str:
        gone = {_said(path) for path in self.leaving}
        rest = [
            one
            for one in found
            if not (itself(one, self.difference.ref) or self._moves(one) or _follows(one) or one.name in gone)
        ]
        return f"{listed(rest)} need{'s' if len(rest) == 1 else ''} it unchanged" if rest else ""

    def _marks(self, found: Iterable[Dependent]) -> list[str]:
        return [one for one in marks(found, self.difference.ref) if not self._unfit(one)]

    def _unfit(self, statement: str) -> str:
        """What a statement would set that the new one cannot have; "" where it can."""
        if not self.alike and statement.startswith("alter index ") and " set statistics " in statement:
            return "the statistics targets of its expressions"
        return "" if self.clusters or " cluster on " not in statement else "the mark that the table is clustered by it"

    def _told(self, found: Iterable[Dependent]) -> str:
        named = [self._unfit(one) for one in marks(found, self.difference.ref)]
        lost = dict.fromkeys(name for name in named if name)
        return f"The old definition is lost with {' and '.join(lost)}." if lost else ""


def _follows(one: Dependent) -> bool:
    """Whether it is a part of the same on a partition, which comes and goes with that, and nothing sets it apart."""
    return one.sort == "index" or (one.sort in _CONSTRAINTS and not one.take and not one.put)


def _said(path: ObjectPath) -> str:
    return f"{quoted(path[2])} of {dotted(path[:2])}"


def _unproven(one: Dependent) -> Iterator[str]:
    """The statements that add a foreign key NOT VALID; another step validates it."""
    added, *rest = one.put
    yield added if added.endswith((" NOT VALID", " NOT ENFORCED")) else f"{added} NOT VALID"
    yield from rest


def _renamed(statement: str, old: str, new: str) -> str:
    """The statement about an index under another name."""
    result, position = "", 0
    for token in tokens(statement):
        if token.sort in {"word", "quoted"} and unquote(token.text) == old:
            result += statement[position : token.start] + quoted(new)
            position = token.end
    return result + statement[position:]

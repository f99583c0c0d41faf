"""Dependents of a column that changes its type, recreated as in the contract where they differ from it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from msgspec.structs import replace

from sessionaudit.core.ref import ObjectRef, dotted
from sessionaudit.kinds.check import cure as check
from sessionaudit.kinds.check import model as checks
from sessionaudit.kinds.column import model as columns
from sessionaudit.kinds.column.rewrites import mentions
from sessionaudit.kinds.index import model as index
from sessionaudit.kinds.policy import cure as policy
from sessionaudit.kinds.policy import model as policies
from sessionaudit.kinds.trigger import model as trigger
from sessionaudit.sql.text import quoted

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from sessionaudit.core.cure import Difference
    from sessionaudit.core.kind import ObjectPath
    from sessionaudit.core.step import Dependent

_SHOW: dict[str, Callable[[Any], str]] = {
    "check": checks.show,
    "policy": policies.clauses,
    "index": index.show,
    "trigger": trigger.show,
}


def restated(found: Iterable[Dependent], difference: Difference[Any]) -> list[Dependent]:
    """The dependents as the contract has them, where they differ; the new type may not fit the old definitions."""
    result: list[Dependent] = []
    partitioned: dict[str, Any] = {}  # the indexes that differ, and of which those of partitions are parts, by name
    for one in found:
        kind, path = _stated(one, difference)
        whole = partitioned.get(_attached_to(one))
        if whole is not None:
            partitioned[one.name] = whole
            put = (_index_on(whole, one), *one.put[1:])
        elif path is None or not one.put:
            put = one.put
        elif kind == "generated column":
            put = _generated(one, difference)
        elif kind == "index":
            partitioned[one.name] = difference.wanted[kind][path]
            put = (_index_on(partitioned[one.name], one), *one.put[1:])
        else:
            put = (_created(difference, ObjectRef(kind, path)), *one.put[1:])
        result.append(replace(one, put=put))
    return result


def _stated(one: Dependent, difference: Difference[Any]) -> tuple[str, ObjectPath | None]:
    """The kind and the path of a dependent that differs from the contract; no path if it does not."""
    if one.sort == "generated column":
        return one.sort, one.path
    for kind, path in _changing(difference, one.path[:2]):
        name = dotted((path[0], path[2])) if kind == "index" else f"{quoted(path[2])} of {dotted(path[:2])}"
        if one.sort == kind and one.name == name:
            return kind, path
    return one.sort, None


def _attached_to(one: Dependent) -> str:
    """The name of the partitioned index of which an index is a part; "" if it is none."""
    before = (put.partition(" attach partition ") for put in one.put if one.sort == "index")
    return next((start.removeprefix("alter index ") for start, attached, _ in before if attached), "")


def _index_on(model: Any, one: Dependent) -> str:
    """The statement for an index, as its table's alone where it was that: its parts have names of their own."""
    only = "only " if " on only " in one.put[0].lower() else ""
    name = one.name.removeprefix(f"{quoted(one.path[0])}.")
    return index.create_on(model, f"{only}{dotted(one.path[:2])}", name)


def _generated(one: Dependent, difference: Difference[Any]) -> tuple[str, ...]:
    model, actual = difference.wanted["column"].get(one.path), difference.present["column"].get(one.path)
    if model is None or actual is None or model.generated is None or columns.show(model) == columns.show(actual):
        return one.put
    # Its storage and its statistics were chosen for its type.
    kept = [put for put in one.put[1:] if model.type == actual.type or not put.startswith("alter table ")]
    added = f"alter table {dotted(one.path[:2])} add column {quoted(one.path[2])} {columns.show(model)}"
    return added, *kept


def texts(difference: Difference[Any]) -> tuple[str, ...]:
    """The contract's texts for these, which PostgreSQL resolves when the type changes."""
    column = difference.ref.path[2]
    found = (_SHOW[kind](difference.wanted[kind][path]) for kind, path in _changing(difference, difference.table))
    generated = (model.generated for model in difference.declared("column", difference.table).values() if model)
    return tuple(text for text in (*found, *filter(None, generated)) if mentions(text, column))


def _changing(difference: Difference[Any], table: ObjectPath) -> Iterator[tuple[str, ObjectPath]]:
    """The existing objects of a table that differ from the contract; a unique index needs its rows checked first."""
    for kind, show in _SHOW.items():
        for path, model in difference.declared(kind, table).items():
            actual = difference.present[kind].get(path)
            if model is None or actual is None or show(model) == show(actual):
                continue
            if not getattr(model, "unique", False):
                yield kind, path


def _created(difference: Difference[Any], ref: ObjectRef) -> str:
    model, on = difference.wanted[ref.kind][ref.path], dotted(ref.path[:2])
    if ref.kind == "trigger":
        return trigger.create_on(model, on, ref.name)
    own = replace(difference, ref=ref, expected=model, actual=None, printed=None)
    return check.replacing(own) if ref.kind == "check" else policy.creation(own)

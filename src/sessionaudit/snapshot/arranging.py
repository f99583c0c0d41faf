"""Objects in the order in which a person would write them: what others refer to comes first."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sessionaudit.contract.writer import key_of, name_of
from sessionaudit.core.entries import standing
from sessionaudit.core.node import IGNORE, PRESENT, UNNAMED
from sessionaudit.core.node import Mapping as Entry
from sessionaudit.core.ordering import ordered
from sessionaudit.core.ref import ObjectRef, dotted
from sessionaudit.kinds import KINDS
from sessionaudit.snapshot import page
from sessionaudit.sql.text import unqualified

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator, Mapping

    from sessionaudit.core.kind import Kind, ObjectPath

    Objects = Mapping[str, Mapping[ObjectPath, Any]]

# What comes with an object itself, and need not be said.
_BROUGHT = {kind.name: kind.brings for kind in KINDS}


def arranged(
    objects: Objects,
    partly: Collection[ObjectRef],
    schema: str,
    said: Callable[[str, Any], Any],
    unlisted: Collection[ObjectRef] = (),
) -> dict[str, Any]:
    """The sections of a contract for these objects; `said` gives what it says of a model of a kind.

    Of objects that are there `partly` no more is said than that they are there, and what of them is. Those `unlisted`
    are said whole by themselves, but not all that they hold.
    """
    sections: dict[str, Any] = {}
    holders: dict[ObjectRef, dict[str, Any]] = {}
    listed: set[str] = set()
    stated = _own(objects)
    for kind in sorted(KINDS, key=lambda kind: bool(kind.within)):  # what holds others comes before these
        found = stated.get(kind.name, {})
        worded: dict[int, Any] = {}  # what is read alike in all has one model
        beside: ObjectPath | None = None  # what holds the one before, and most often this one
        holder: ObjectRef | None = None
        for path in found if kind.within else _by_reference(kind, objects):
            model, ref = found[path], ObjectRef(kind.name, path)
            if id(model) not in worded:
                worded[id(model)] = said(kind.name, model)
            what = worded[id(model)]
            if ref in partly:
                what = {UNNAMED: IGNORE, **_needed(kind, model, what or {}, schema)}
            elif ref in unlisted:
                what = {UNNAMED: IGNORE, **(page.parts(what) or {})}
            if kind.within:
                if path[:-1] != beside:
                    beside, holder = path[:-1], kind.holder(path, holders.__contains__)
                if holder and holder in holders and kind.name not in _BROUGHT[holder.kind]:
                    around = holders[holder].setdefault(kind.section, {})
                    around[standing(path[-1])] = _mapping(what, kind)
                continue
            *above, name = (key_of(ref, model),) if key_of(ref, model) else name_of(ref)
            if not above and "schema" in kind.path:
                name = unqualified(name, schema)
            section = sections.setdefault(kind.section, {})
            if above:
                name = unqualified(name, schema) if "schema" in kind.path else name
                section.setdefault(above[0], {})[name] = PRESENT if what is None else _mapping(what, kind)
                listed.add(kind.section)
            elif _holds(kind):
                section[name] = holders[ref] = dict(what or {})
            else:
                section[name] = PRESENT if what is None else _mapping(what, kind)
    whole = {ref: entry for ref, entry in holders.items() if ref not in partly and ref not in unlisted}
    _state_what_is_judged(objects, whole)
    for name in listed:
        sections[name] = {above: _list(found) for above, found in sections[name].items()}
    return {section: _list(found) for section, found in sections.items()}


def below(objects: Objects) -> Iterator[ObjectRef]:
    """What a contract of these objects states in or on another one: neither what that brings nor what it inherits."""
    stated = _own(objects)
    for kind in (one for one in KINDS if one.within):
        for path in stated[kind.name]:
            holder = kind.holder(path, lambda one: one.path in objects.get(one.kind, {}))
            if holder is not None and kind.name not in _BROUGHT[holder.kind]:
                yield ObjectRef(kind.name, path)


def _needed(kind: Kind[Any], model: Any, said: Mapping[str, Any], schema: str) -> dict[str, Any]:
    """Of what is said of an object, that without which a check would find something."""
    silent = kind.read(Entry(), schema)
    differing = {one.facet for one in kind.attributes if silent is not None and one.compare(silent, model) is False}
    return {key: value for key, value in said.items() if key in differing}


def _holds(kind: Kind[Any]) -> bool:
    return any(kind.name in other.within for other in KINDS)


def _mapping(what: Any, kind: Kind[Any]) -> Any:
    parts = page.parts(what)
    return what if parts is None or _holds(kind) else page.Said(parts)


def _list(section: Any) -> Any:
    """A section of names of which nothing is said, as a list."""
    return list(section) if section and all(one == PRESENT for one in section.values()) else section


def _state_what_is_judged(objects: Objects, holders: Mapping[ObjectRef, dict[str, Any]]) -> None:
    """A section that says that there is nothing, where what turns up later is judged only beside one."""
    for kind in KINDS:
        if not kind.judged_beside or kind.name not in objects:  # which could not be read
            continue
        inherited = {path[:-1] for path, model in objects.get(kind.name, {}).items() if _inherited(kind, model)}
        for ref, entry in holders.items():
            brought = kind.name in _BROUGHT[ref.kind]
            if ref.kind in kind.within and kind.section not in entry and ref.path not in inherited and not brought:
                entry[kind.section] = {}


def _inherited(kind: Kind[Any], model: Any) -> bool:
    return kind.inherited is not None and kind.inherited(model)


def _of_its_own(kind: Kind[Any], model: Any) -> bool:
    return not _inherited(kind, model) or (kind.apart_from_parent is not None and kind.apart_from_parent(model))


def _own(objects: Objects) -> dict[str, dict[ObjectPath, Any]]:
    """The objects but for those that a relation has as a part of its parent's.

    Those of them that do harm are stated where others beside them are: a check would find them there.
    """
    found: dict[str, dict[ObjectPath, Any]] = {}
    for kind in KINDS:
        models = objects.get(kind.name, {})
        judged = {path[:-1] for path, model in models.items() if _of_its_own(kind, model)}
        found[kind.name] = {
            path: model
            for path, model in models.items()
            if _of_its_own(kind, model) or (kind.harmful and kind.harmful[1](model) and path[:-1] in judged)
        }
    return found


def _by_reference(kind: Kind[Any], objects: Objects) -> list[ObjectPath]:
    """The paths of a kind, each after those to which what is in it refers; by name where nothing decides."""
    paths = objects.get(kind.name, {})
    waits: dict[ObjectPath, set[ObjectPath]] = {path: set() for path in paths}
    for other in (kind, *(one for one in KINDS if kind.name in one.within)):
        for path, model in objects.get(other.name, {}).items() if other.refers else ():
            around = path if other is kind else path[: -1 if other.within else None]
            for ref in other.refers(model) if other.refers and around in waits else ():
                if ref.kind == kind.name and ref.path in waits and ref.path != around:
                    waits[around].add(ref.path)
    return ordered(waits, lambda path: (dotted(path[:1]) != "public", path)).order

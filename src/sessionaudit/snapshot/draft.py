"""What a contract is to say, begun with what it says, and changed object by object."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from sessionaudit.audits.schema import definition
from sessionaudit.contract.extents import extents
from sessionaudit.contract.writer import key_of, name_of
from sessionaudit.core.entries import standing
from sessionaudit.core.node import ABSENT, PRESENT
from sessionaudit.core.place import line_starts
from sessionaudit.kinds import KINDS, held_by
from sessionaudit.snapshot import arranging, page
from sessionaudit.snapshot.homes import Homes
from sessionaudit.snapshot.wording import Wording
from sessionaudit.sql.text import unqualified

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator, Mapping, Sequence

    from sessionaudit.audits.evaluation import Examination
    from sessionaudit.contract.extents import Data, Extent
    from sessionaudit.contract.model import Declared
    from sessionaudit.core.finding import Finding
    from sessionaudit.core.kind import Kind, ObjectPath
    from sessionaudit.core.ref import ObjectRef

    Objects = Mapping[str, Mapping[ObjectPath, Any]]

Keys = tuple[str, ...]
_KINDS = {kind.name: kind for kind in KINDS}
_DEFINITION = "definition"
_WHOLE_ATTEMPT = 2  # from which on the whole object is said as the database has it
_TOP = tuple(dict.fromkeys(kind.section for kind in held_by("")))


class Draft:
    """The data of a contract, by its files, the main file first; so the first key of all that lead to a part is a file.

    `renamed` gives new names of keys, by the keys that lead to them. `whole` reads an object with all that is in it or
    on it. `added` are objects that the contract names since it began: what shows then that no contract can state it, as
    a privilege without USAGE on the schema, is taken back. `single` says that each finding is taken over alone: what
    else differs of its object stays as the contract states it.
    """

    def __init__(
        self,
        examination: Examination,
        own_names: frozenset[str],
        whole: Callable[[ObjectRef], Objects],
        added: set[ObjectRef],
        *,
        single: bool = False,
    ) -> None:
        self.data: dict[str, Data] = {}
        self.renamed: dict[Keys, str] = {}
        self.added = added
        self._single = single
        self._adopted: dict[ObjectRef, Any] = {}
        self._lines: dict[str, Sequence[int]] = {}
        self._keys: dict[tuple[str, int], Keys] = {}
        for file, text, _ in examination.contract.sources:
            root = extents(text)
            self.data[file] = root.data
            self._lines[file] = line_starts(text)
            self._keys |= {(file, start): keys for start, keys in _keys(root, (file,))}
        self._contract, self._actual = examination.contract, examination.actual.objects
        self._schema = examination.contract.schema
        self._own_names, self._whole = own_names, whole
        self._wording = Wording(self._schema, own_names)
        self._homes = Homes(examination.contract, self.data)

    def renamed_in(self, file: str) -> dict[Keys, str]:
        """The new names of keys of one file, by the keys that lead to them in it."""
        return {keys[1:]: name for keys, name in self.renamed.items() if keys[0] == file}

    def take(self, finding: Finding, attempt: int) -> None:
        """Say what the database has, where the finding says that it differs; each attempt says more of it."""
        ref, subject = finding.ref, finding.subject
        entry = self._contract.objects[ref.kind].get(ref.path)
        model = self._actual.get(ref.kind, {}).get(ref.path)
        if subject and subject.found and entry:
            self._rename(self._place(entry), standing(subject.found.path[-1]))
        elif entry is None:
            if model is not None and not definition.unstated(ref.kind, "", model) and not attempt:
                self._add(ref, model)
                self.added.add(ref)
        elif model is None:
            if entry.value is not None:
                self._remove(self._place(entry))
        elif ref in self.added and definition.unstated(ref.kind, "", model):
            self._remove(self._place(entry))
        elif not definition.unstated(ref.kind, finding.facet, model):
            self._change(entry, ref, finding.facet, model, attempt)

    def add_all(self, objects: Objects) -> None:
        """Add the objects that the contract does not name."""
        declared = self._contract.objects
        new = {
            kind: {path: model for path, model in found.items() if path not in declared[kind]}
            for kind, found in objects.items()
        }
        for file, part in self._homes.divided(new).items():
            around = cast("dict[str, Data]", self.data[file])
            for section, found in arranging.arranged(part, (), self._schema, self._wording.said).items():
                self._merge(around, section, found)
        for ref in arranging.below(objects):
            kind, model = _KINDS[ref.kind], new.get(ref.kind, {}).get(ref.path)
            if model is not None and any(ref.path[:-1] in declared[holder] for holder in kind.within):
                self._add(ref, model)

    def _merge(self, around: dict[str, Data], section: str, found: list[Data] | dict[str, Data]) -> None:
        known = around.get(section)
        if known in (None, "", {}, []):
            self._insert(around, section, found, _TOP)
            return
        names: dict[str, Data] = {str(one): PRESENT for one in found} if isinstance(found, list) else found
        for name, said in names.items():
            if isinstance(known, list):
                known.append(name)
            elif isinstance(known, dict):
                inner = known.get(name)
                if isinstance(inner, list) and isinstance(said, list):
                    inner += said
                elif isinstance(inner, list | dict) and isinstance(said, list | dict):  # a list below its owner
                    known[name] = {**_named(inner), **_named(said)}
                else:
                    known[name] = said

    def _change(self, entry: Declared, ref: ObjectRef, facet: str, model: Any, attempt: int) -> None:
        kind, place = _KINDS[ref.kind], self._place(entry)
        before = self._at(place)
        holds = bool(held_by(kind.name))
        keys = next((one.keys for one in kind.attributes if one.facet == facet), ()) or (facet,)
        if holds and before == ABSENT:
            arranged = arranging.arranged(self._whole(ref), (), self._schema, self._wording.said)
            self._set(place, next(iter(arranged[kind.section].values())))
            return
        if holds:
            before = before if isinstance(before, dict) else {}
            model = model if attempt else self._wording.worded(kind.name, model)
            brief = definition.spelled(kind.name, model, self._schema, lambda: self._own_names)
            self._set(place, _with_keys(before, {**self._whole_of(kind, model, before), **brief}, keys))
            return
        if self._single and attempt < _WHOLE_ATTEMPT and self._adopt(entry, kind, ref, facet, attempt):
            return
        worded = self._wording.worded(kind.name, model)
        brief = definition.spelled(kind.name, worded, self._schema, lambda: self._own_names)
        said = self._wording.said(kind.name, model) if attempt < 2 else brief
        if kind.row_repair and isinstance(before, dict):
            self._set((*place, _DEFINITION), said)
        elif isinstance(before, dict) and attempt == 0:
            parts = page.parts(said) or {}
            self._set(place, _with_keys(before, {**self._whole_of(kind, worded, before), **parts}, keys))
        else:
            self._set(place, _of_one(said))
        if kind.key and attempt > 0:  # what is said of it is right, so it is the key
            self._rename(place, unqualified(key_of(ref, model), self._schema))

    def _adopt(self, entry: Declared, kind: Kind[Any], ref: ObjectRef, facet: str, attempt: int) -> bool:
        """Say one facet as the database has it, and the others as the contract does; False if that says nothing else.

        The first attempt has the plain wording of the facet, the second that of the server.
        """
        attribute = next((one for one in kind.attributes if one.facet == facet), None)
        if attribute is None or entry.value is None:
            return False
        actual = self._actual[ref.kind][ref.path]
        stated = self._adopted.get(ref, entry.value)
        adopted = attribute.adopted(stated, actual if attempt else self._wording.worded(kind.name, actual))
        place = self._place(entry)
        before = self._at(place)
        spell = kind.spell if isinstance(before, dict) else kind.condensed or kind.brief or kind.spell
        was, now = (
            definition.shown(kind.name, spell(one), self._schema, lambda: self._own_names) for one in (stated, adopted)
        )
        if was == now:
            return False
        self._adopted[ref] = adopted
        if isinstance(before, dict) and _DEFINITION in before:  # which is alone where nothing else is to be said
            was, now = ({_DEFINITION: one} if page.parts(one) is None else one for one in (was, now))
        self._set(place, _merged(before, was, now))
        return True

    def _whole_of(self, kind: Kind[Any], model: Any, known: Collection[str]) -> dict[str, Any]:
        """What stands under some keys in the longest form, in which nothing goes without saying."""
        said = definition.shown(kind.name, kind.spell(model), self._schema, lambda: self._own_names)
        return {key: value for key, value in (page.parts(said) or {}).items() if key in known}

    def _add(self, ref: ObjectRef, model: Any) -> None:
        kind = _KINDS[ref.kind]
        said = _of_one(self._wording.said(kind.name, model))
        if kind.within:
            self._add_below(kind, ref, said)
            return
        *above, name = (key_of(ref, model),) if key_of(ref, model) else name_of(ref)
        if "schema" in kind.path:
            name = unqualified(name, self._schema)
        declared = self._contract.objects[kind.name].items() if above else ()
        beside = next((one for path, one in declared if path[0] == ref.path[0]), None)
        if beside:  # a list below its owner, however the contract spells that
            around = self._place(beside)[:-1]
        else:
            home = self._homes.of(kind, ref.path)
            if self._at((home, kind.section)) is None:
                self._insert(cast("dict[str, Data]", self.data[home]), kind.section, {}, _TOP)
            around = (home, kind.section)
            section = self._at(around)
            if above and isinstance(section, dict):
                section.setdefault(above[0], [])
                around = (*around, above[0])
        section = self._at(around)
        if isinstance(section, list) and above and said != PRESENT:
            section = _named(section)
            self._set(around, section)
        if isinstance(section, list):
            section.append(name)
        elif isinstance(section, dict):
            section[name] = said

    def _add_below(self, kind: Kind[Any], ref: ObjectRef, said: Data) -> None:
        objects = self._contract.objects
        holder = next(name for name in kind.within if ref.path[:-1] in objects[name])
        place = self._place(objects[holder][ref.path[:-1]])
        around = self._at(place)
        if not isinstance(around, dict):
            around = dict[str, "Data"]()
            self._set(place, around)
        if not isinstance(around.get(kind.section), dict):
            self._insert(around, kind.section, {}, tuple(dict.fromkeys(one.section for one in held_by(holder))))
        cast("dict[str, Data]", around[kind.section])[standing(ref.path[-1])] = said

    def _rename(self, place: Keys, name: str) -> None:
        around = self._at(place[:-1])
        if isinstance(around, dict) and name not in around and place[-1] in around:
            items = [(name if key == place[-1] else key, value) for key, value in around.items()]
            around.clear()
            around.update(items)
            self.renamed[place] = name

    def _remove(self, place: Keys) -> None:
        around = self._at(place[:-1])
        if isinstance(around, dict):
            around.pop(place[-1], None)
        elif isinstance(around, list) and place[-1] in around:
            around.remove(place[-1])

    def _set(self, place: Keys, value: Data) -> None:
        around = self._at(place[:-1])
        if isinstance(around, dict) and place[-1] in around:
            around[place[-1]] = value
        elif isinstance(around, list) and place[-1] in around and len(place) > 1:  # of which more is said now
            self._set(place[:-1], {**_named(around), place[-1]: value})

    def _at(self, place: Keys) -> Data | None:
        found: Data | None = self.data
        for key in place:
            found = found.get(key) if isinstance(found, dict) else None
        return found

    def _place(self, entry: Declared) -> Keys:
        """The keys under which an object stands; the last is the item where it is one of a list."""
        file = entry.key.source.file
        return self._keys[file, self._lines[file][entry.key.line - 1] + entry.key.column - 1]

    @staticmethod
    def _insert(around: dict[str, Data], key: str, value: Data, order: tuple[str, ...]) -> None:
        """Add a section behind the last one that comes before it."""
        if key in around:
            around[key] = value
            return
        before = order[: order.index(key)]
        at = max((place for place, other in enumerate(around, 1) if other in before), default=None)
        items = list(around.items())
        if at is None:
            at = max((place for place, other in enumerate(around, 1) if other in order), default=len(items))
        items.insert(at, (key, value))
        around.clear()
        around.update(items)


def _keys(extent: Extent, keys: Keys) -> Iterator[tuple[int, Keys]]:
    """The index of each key and of each item of a list of texts, with the keys that lead to it."""
    for name, (key, value) in (extent.entries or {}).items():
        yield key.start, (*keys, name)
        yield from _keys(value, (*keys, name))
    for item in extent.items:
        yield item.start, (*keys, item.text)


def _named(listed: list[Data] | dict[str, Data]) -> dict[str, Data]:
    """A list of names as a mapping."""
    return {str(one): PRESENT for one in listed} if isinstance(listed, list) else listed


def _with_keys(before: dict[str, Data], said: dict[str, Any], keys: tuple[str, ...]) -> dict[str, Data]:
    """What stands for an object, with what some keys say as the database has it: where one of them stood, if any."""
    new = {key: said[key] for key in keys if key in said}
    found: dict[str, Data] = {}
    for key, value in before.items():
        if key not in keys:
            found[key] = value
        elif key in new or not new.keys() & before.keys():
            found |= {key: new[key]} if key in new else new
    return {**found, **new}


def _merged(before: Data | None, was: Any, now: Any) -> Data:
    """What stands for an object, with what changes from one spelling of it to another; the rest as it stands."""
    old, new = page.parts(was), page.parts(now)
    if old is None or new is None or not isinstance(before, dict):
        return before if was == now and before is not None else _of_one(now)
    found = {key: _merged(value, old.get(key), new.get(key)) for key, value in before.items() if _stays(key, old, new)}
    return found | {key: _of_one(value) for key, value in new.items() if key not in found and value != old.get(key)}


def _stays(key: str, old: dict[str, Any], new: dict[str, Any]) -> bool:
    return key in new or key not in old


def _of_one(said: Any) -> Data:
    """What is said of one object, in brackets where it is a mapping."""
    parts = page.parts(said)
    return PRESENT if said is None else said if parts is None else page.Said(parts)

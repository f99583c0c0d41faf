"""Splits a contract over files: one for each table or view, and for each schema one for each other section.

What is in no schema (extensions, publications), and the waivers, stand in the main file, which includes the others.
"""

from __future__ import annotations

import hashlib
import re
import unicodedata
from typing import TYPE_CHECKING, Any

from sessionaudit.contract.including import INCLUDE
from sessionaudit.core.visible import visible_page
from sessionaudit.kinds import HOLDING, KINDS
from sessionaudit.snapshot import arranging, taking

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from sessionaudit.core.kind import Kind, ObjectPath
    from sessionaudit.snapshot.session import Made
    from sessionaudit.snapshot.taking import Snapshot

    Objects = dict[str, dict[ObjectPath, Any]]

Place = tuple[str, ...]  # names of folders and of a file, before they are spelled for a file system

MAIN = "expected_schema.yaml"
_COMMAND = "sessionaudit snapshot --split"
_PART = f"# A part of {MAIN}, made by {_COMMAND}."
_MARK = re.compile(rf"^# .*by {_COMMAND}\.$", re.MULTILINE)
_IN_A_NAME = frozenset("_- ")
_KINDS = {kind.name: kind for kind in KINDS}


def is_part(beginning: str) -> bool:
    """Whether a file that begins so was written here."""
    return _MARK.search(beginning) is not None


def files(made: Made) -> dict[str, str]:
    """The texts of the files by their names in the directory; the main file comes last."""
    snapshot = made.snapshot
    places = _divided(snapshot)
    main = places.pop((), {})
    names = _names(places)
    texts = {names[place]: _text(snapshot, objects, (_PART,)) for place, objects in places.items()}
    found = {name: texts[name] for name in sorted(texts)}
    title = taking.title(snapshot.source, _COMMAND)
    globs = sorted({f"{name.split('/')[0]}/**/*.yaml" for name in found})
    found[MAIN] = _text(snapshot, main, title, {INCLUDE: globs} if globs else {}, snapshot.sections) + made.waivers
    return {name: visible_page(text) for name, text in found.items()}


def _text(
    snapshot: Snapshot,
    objects: Objects,
    title: tuple[str, ...],
    first: Mapping[str, Any] | None = None,
    last: Mapping[str, Any] | None = None,
) -> str:
    every = {kind: objects.get(kind, {}) for kind in snapshot.stated}
    sections = arranging.arranged(every, snapshot.partly, snapshot.schema, snapshot.wording.said, snapshot.unlisted)
    return taking.page_of(title, {**(first or {}), **sections, **(last or {})}, snapshot.remarks, snapshot.schema)


def _divided(snapshot: Snapshot) -> dict[Place, Objects]:
    """The objects by their places; () is the main file."""
    stated = snapshot.stated
    found: dict[Place, Objects] = {}
    for name, models in stated.items():
        for path, model in models.items():
            kind, of = _KINDS[name], path
            if kind.within:
                holder = kind.holder(path, lambda ref: ref.path in stated.get(ref.kind, ()))
                kind, of = (_KINDS[holder.kind], holder.path) if holder else (kind, path)
            found.setdefault(_place(kind, of), {}).setdefault(name, {})[path] = model
    return found


def _place(kind: Kind[Any], path: ObjectPath) -> Place:
    if kind.path[0] != "schema":
        return ()
    return (path[0], kind.section, path[1]) if kind in HOLDING else (path[0], kind.section)


def _names(places: Iterable[Place]) -> dict[Place, str]:
    """A name in the directory for each place."""
    known = [place for place in places if place]
    inside: dict[Place, set[Place]] = {}
    for place in known:
        inside.setdefault((), set()).add(place[:1])
        inside.setdefault(place[:-1], set()).add(place)
    spelled: dict[Place, str] = {}
    for here in map(sorted, inside.values()):
        spelled |= dict(zip(here, _distinct([one[-1] for one in here]), strict=True))
    return {place: f"{_joined(place, spelled)}.yaml" for place in known}


def _joined(place: Place, spelled: dict[Place, str]) -> str:
    return "/".join(spelled.get(place[:end], place[end - 1]) for end in range(1, len(place) + 1))


def _distinct(names: list[str]) -> list[str]:
    """Names of files that stay apart where a file system ignores case, each independent of names unlike it."""
    alike: dict[str, int] = {}
    for name in names:
        alike[_folded(name)] = alike.get(_folded(name), 0) + 1
    return [_safe(name) if alike[_folded(name)] == 1 else f"{_safe(name)}~{_digest(name)}" for name in names]


def _folded(name: str) -> str:
    return unicodedata.normalize("NFKC", name).casefold()


def _digest(name: str) -> str:
    return hashlib.sha256(name.encode()).hexdigest()[:8]


def _safe(name: str) -> str:
    """A name with only letters, digits and what is as harmless; other characters by their bytes in UTF-8."""
    return "".join(
        one if one.isalnum() or one in _IN_A_NAME else "".join(f"%{byte:02x}" for byte in one.encode()) for one in name
    )

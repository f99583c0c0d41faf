"""Load a contract from nodes, in two steps.

`outline` finds the names of all objects, which the catalog queries need; `Outline.declare` reads their definitions,
while the server works.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sessionaudit.contract import access, file_text, including, merging
from sessionaudit.contract.file_names import file_name
from sessionaudit.contract.including import INCLUDE
from sessionaudit.contract.model import Contract, Declared
from sessionaudit.contract.problems import Problems, refusal
from sessionaudit.contract.rules_and_waivers import read_rules, read_waivers
from sessionaudit.contract.sections import SECTIONS, SectionReading
from sessionaudit.core.entries import bare
from sessionaudit.core.kind import Entry, Kind, Scope
from sessionaudit.core.node import (
    ABSENT,
    IGNORE,
    UNNAMED,
    Mapping,
    Node,
    NodeError,
    Scalar,
    Sequence,
    brief,
    close,
    described,
    known_keys,
    mapping,
    name,
    one_of,
    standing_at,
    text,
)
from sessionaudit.core.place import already
from sessionaudit.core.ref import Spelled, dotted
from sessionaudit.core.schema import Named
from sessionaudit.kinds import KINDS, RELATIONS, held_by
from sessionaudit.sql.fragment import FragmentError

if TYPE_CHECKING:
    from collections.abc import Mapping as MappingOf
    from pathlib import Path

    from sessionaudit.core.finding import Severity, Waiver
    from sessionaudit.core.kind import ObjectPath
    from sessionaudit.core.node import Source

_SHARED = ("rules", "waivers", *(one.name for one in SECTIONS if one.several))  # what several files may have
_SINGLE = tuple(one.name for one in SECTIONS if not one.several)  # what one of them may
_ENOUGH = {one.name for one in SECTIONS if one.enough}
SETTINGS = ("version", "schema", INCLUDE, *_SHARED, *_SINGLE)
MOST_NAME_BYTES = 63
Section = tuple[str, tuple[Kind[Any], ...]]


def _sections(within: str) -> tuple[Section, ...]:
    kinds = held_by(within)
    sections = dict.fromkeys(kind.section for kind in kinds)
    return tuple((section, tuple(kind for kind in kinds if kind.section == section)) for section in sections)


_TOP = _sections("")
_BELOW = {kind.name: _sections(kind.name) for kind in KINDS}
# By the name of a kind, all that share their names with its objects.
_ALIKE = {kind.name: tuple(one.name for one in RELATIONS) if kind in RELATIONS else (kind.name,) for kind in KINDS}
_KEYS = {
    kind.name: frozenset(
        (*kind.keys, UNNAMED, *((access.KEY,) * bool(kind.commands)), *(section for section, _ in _BELOW[kind.name]))
    )
    for kind in KINDS
}


class Outline(Named, frozen=True, kw_only=True):
    """The names in a contract, with definitions that are not yet read; `sources` are its files, the main file first."""

    sources: tuple[Source, ...]
    rules: dict[str, Severity | None]
    waivers: tuple[Waiver, ...]
    settings: MappingOf[str, Node]
    problems: Problems

    def declare(self) -> Contract:
        """Read the definition of each object. Raises ContractError with all errors."""
        objects: dict[str, dict[ObjectPath, Declared]] = {}
        problems = self.problems
        for kind in KINDS:
            read, schema = kind.read, self.schema
            declared: dict[ObjectPath, Declared] = {}
            objects[kind.name] = declared
            for path, (_, key, node, repair, stated) in self.entries[kind.name].items():
                try:
                    absent = node is not key and node == ABSENT
                    declared[path] = Declared(key, node, None if absent else read(node, schema), repair)
                    if stated is not None:
                        found_access = tuple(access.stated(stated, kind.commands, problems))
                        declared[path] = declared[path]._replace(access=found_access)
                except (FragmentError, NodeError) as error:
                    problems.add(error, _culprit(kind, key, node, schema, error))
        reading = SectionReading(self.schema, self.settings, problems, self.entries)
        found: dict[str, Any] = {}
        for section in SECTIONS:
            if section.name in self.settings:
                with problems.of(self.settings[section.name]):
                    found[section.name] = section.read(self.settings[section.name], reading)
        problems.end()
        return Contract(
            file=self.file,
            sources=self.sources,
            schema=self.schema,
            objects=objects,
            rules=self.rules,
            waivers=self.waivers,
            **found,
        )


def load(path: Path) -> Contract:
    """Read a contract whole. Raises ContractError."""
    return outline(file_text.read(path), str(path)).declare()


def outline(source: str, file: str, texts: MappingOf[str, str] | None = None) -> Outline:
    """Find the names in the text of a contract, and in what it includes. Raises ContractError with all errors.

    `texts` are read instead of the included files that they are named after.
    """
    roots = including.roots(source, file, texts)
    problems = Problems()
    try:
        found = _outline(roots, problems)
    except NodeError as error:
        raise refusal(error, roots[0]) from None
    nothing = not any(found.entries.values()) and not found.settings.keys() & _ENOUGH
    if problems or nothing:
        found.declare()
    if nothing:  # an error in a section says more
        raise refusal(NodeError("the contract names no objects", roots[0]), roots[0])
    return found


def _outline(roots: tuple[Mapping, ...], problems: Problems) -> Outline:
    main, *others = sides = [{str(key): value for key, value in root.items()} for root in roots]
    for said in (side["version"] for side in sides if "version" in side):
        if said != "1":
            raise NodeError(f"expected version 1, found {described(said)}", said, "This program reads “version: 1”.")
    for root in roots:
        problems.keys(root, (*SETTINGS, *(section for section, _ in _TOP)), "a contract")
    with problems.of(roots[0]):
        if "version" not in main:
            raise NodeError("a contract must begin with “version: 1”", roots[0])
    schema = "public"
    settings = merging.settings(roots, _SHARED, _SINGLE, problems)
    rules: dict[str, Severity | None] = {}
    waivers: tuple[Waiver, ...] = ()
    if "schema" in main:
        with problems.of(main["schema"]):
            schema = _schema(main["schema"])
    for said in (side["schema"] for side in others if "schema" in side):
        with problems.of(said):
            _require_schema(said, schema, roots[0])
    if "rules" in settings:
        with problems.of(settings["rules"]):
            rules = dict(read_rules(settings["rules"], problems))
    if "waivers" in settings:
        with problems.of(settings["waivers"]):
            waivers = tuple(read_waivers(settings["waivers"], problems))
    entries: dict[str, dict[ObjectPath, Entry]] = {kind.name: {} for kind in KINDS}
    for section, kinds in _TOP:
        parts = [side[section] for side in sides if section in side]
        for part in parts:
            _collect(part, kinds, Scope(schema), entries, problems)
        if len(parts) > 1 and kinds[0].grouped:  # else each name is an object
            merging.require_once(parts, problems)
    return Outline(
        file=roots[0].source.file,
        sources=tuple(root.source for root in roots),
        schema=schema,
        entries=entries,
        relations={kind.name: [*entries[kind.name]] for kind in RELATIONS},
        rules=rules,
        waivers=waivers,
        settings=settings,
        problems=problems,
    )


Entries = dict[str, dict["ObjectPath", Entry]]


def _schema(node: Node) -> str:
    """Return the name of a schema: as in SQL if it is quoted, else unchanged."""
    return bare(name(text(node, "a schema")))


def _require_schema(node: Node, schema: str, main: Mapping) -> None:
    """Refuse an included file that has another schema than the main file: its names would mean other objects."""
    if _schema(node) != schema:
        hint = f"Leave it out, and write the schema before the names: {dotted((_schema(node),))}.NAME."
        raise NodeError(f"expected the schema {dotted((schema,))} of {main.source.file}", node, hint)


def _collect(section: Node, kinds: tuple[Kind[Any], ...], scope: Scope, entries: Entries, problems: Problems) -> None:
    begun: set[int] = set()
    try:
        for found in kinds[0].entries(section, scope):
            begun.add(id(found.key))
            _take(found, kinds, scope, entries, problems)
    except (FragmentError, NodeError) as error:
        parts = [] if isinstance(error, NodeError) and error.node is section else _parts(section)
        if not parts:
            problems.add(error, section)
        for part in parts:  # the other parts are still read after an invalid one
            try:
                for found in kinds[0].entries(part, scope):
                    if id(found.key) not in begun:
                        _take(found, kinds, scope, entries, problems)
            except (FragmentError, NodeError) as of_part:
                problems.add(of_part, next(iter(part)))


def _parts(section: Node) -> list[Mapping | Sequence]:
    """Split a section of several names into sections of one."""
    if isinstance(section, Mapping):
        return [standing_at(Mapping({key: value}), section) for key, value in section.items()]
    if isinstance(section, Sequence):
        return [standing_at(Sequence([item]), section) for item in section]
    return []


def _take(found: Entry, kinds: tuple[Kind[Any], ...], scope: Scope, entries: Entries, problems: Problems) -> None:
    try:
        entry = _with_repair(found) if kinds[0].row_repair and isinstance(found.node, Mapping) else found
        entry = access.taken_out(entry) if any(kind.commands for kind in kinds) else entry
        for kind in kinds if len(kinds) == 1 else _told_apart(entry, kinds):
            _note(entry, kind, entries)
            if _BELOW[kind.name] and isinstance(entry.node, Mapping):
                _descend(kind, entry, scope.schema, entries, problems)
    except (FragmentError, NodeError) as error:
        problems.add(error, found.key)


def _with_repair(entry: Entry) -> Entry:
    """Read an entry that is a mapping of a definition and the file that repairs the rows in its way."""
    found = mapping(entry.node, "a definition, or a mapping with definition and repair")
    known_keys(found, ("definition", "repair"), "an object with a repair")
    fields = {str(key): value for key, value in found.items()}
    if "definition" not in fields:
        raise NodeError("an object with a repair needs a definition", found)
    repair = file_name(fields["repair"]) if "repair" in fields else None
    return entry._replace(node=fields["definition"], repair=repair)


def _note(entry: Entry, kind: Kind[Any], entries: Entries) -> None:
    path = entry.path
    for alike in _ALIKE[kind.name]:
        if path not in entries[alike]:
            continue
        raise NodeError(
            f"the name {dotted(path)} is declared twice", entry.key, already(entries[alike][path].key, entry.key)
        )
    for part in path if max(map(len, path)) * 4 > MOST_NAME_BYTES else ():
        if len(part.encode()) > MOST_NAME_BYTES and not (part.startswith("(") or isinstance(part, Spelled)):
            raise NodeError(
                f"the name “{brief(part)}” is longer than {MOST_NAME_BYTES} bytes, PostgreSQL's limit",
                entry.key,
            )
    entries[kind.name][path] = entry


def _descend(kind: Kind[Any], entry: Entry, schema: str, entries: Entries, problems: Problems) -> None:
    noun = f"a {kind.name.replace('_', ' ')}"
    fields = mapping(entry.node, noun)
    below = _BELOW[kind.name]
    if not fields.keys() <= _KEYS[kind.name]:
        problems.keys(fields, _KEYS[kind.name], noun)
    sections = {str(key): value for key, value in fields.items()}
    if UNNAMED in sections:
        one_of(sections[UNNAMED], (IGNORE,))
    for section, children in below:
        if section in sections:
            _collect(sections[section], children, Scope(schema, entry.path), entries, problems)


def _told_apart(entry: Entry, kinds: tuple[Kind[Any], ...]) -> tuple[Kind[Any], ...]:
    definition = text(entry.node, "a definition")
    if definition == ABSENT:
        return kinds
    start = " ".join(definition[:40].lower().replace("(", " (").split())
    for kind in kinds:
        if start.startswith(kind.leads):
            return (kind,)
    leads = [lead for kind in kinds for lead in kind.leads]
    word = (definition.split(maxsplit=1) or ["nothing"])[0]
    raise NodeError(f"expected one of: {', '.join(leads)}; found “{brief(word)}”", definition, close(word, leads))


def _culprit(kind: Kind[Any], key: Scalar, node: Node, schema: str, error: FragmentError | NodeError) -> Node:
    """Return the text that an error is about: the definition, or the field that causes the error."""
    if not isinstance(node, Mapping):
        return node if isinstance(node, Scalar) else key
    for field, value in node.items():
        rest = standing_at(Mapping((other, value) for other, value in node.items() if other is not field), node)
        try:
            kind.read(rest, schema)
        except (FragmentError, NodeError) as other:
            if (str(other), other.offset) == (str(error), error.offset):
                continue
        return value
    return key

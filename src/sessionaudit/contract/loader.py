"""Nodes to a contract, in two steps.

`outline` finds the names of all objects, which is what the catalog queries need; `Outline.declare`
reads what is said of them, which can be done while the server works.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sessionaudit.contract import document
from sessionaudit.contract.model import Contract, Declared, Waiver
from sessionaudit.core.finding import Location, Severity
from sessionaudit.core.fragment import FragmentError
from sessionaudit.core.kind import Entry, Kind, Scope
from sessionaudit.core.node import (
    ABSENT,
    Mapping,
    Node,
    NodeError,
    Scalar,
    brief,
    described,
    known_keys,
    mapping,
    name,
    nearest,
    one_of,
    sequence,
    text,
)
from sessionaudit.core.ref import dotted
from sessionaudit.errors import ContractError
from sessionaudit.kinds import KINDS
from sessionaudit.rulebook import RULES, find

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from sessionaudit.contract.invariants import Invariant
    from sessionaudit.contract.trace import Trace
    from sessionaudit.core.kind import ObjectPath

SETTINGS = ("version", "schema", "invariants", "trace", "rules", "waivers")
MOST_NAME_BYTES = 63
MOST_GLOBS = 1_000
_LONGEST_MESSAGE = 500
_MAGIC = re.compile(r"[*?[]")
Section = tuple[str, tuple[Kind[Any], ...]]


def _sections(within: str) -> tuple[Section, ...]:
    sections = dict.fromkeys(kind.section for kind in KINDS if kind.within == within)
    return tuple(
        (section, tuple(kind for kind in KINDS if (kind.within, kind.section) == (within, section)))
        for section in sections
    )


_TOP = _sections("")
_BELOW = {kind.name: _sections(kind.name) for kind in KINDS}


@dataclass(frozen=True, slots=True, kw_only=True)
class Outline:
    """The names in a contract, by kind and path, with what is said of each still unread."""

    file: str
    source: str
    schema: str
    entries: dict[str, dict[ObjectPath, Entry]]
    rules: dict[str, Severity | None]
    waivers: tuple[Waiver, ...]
    promises: Node | None = None
    story: Node | None = None

    @property
    def relations(self) -> list[ObjectPath]:
        """The schema and the name of every relation that holds other objects."""
        return [path for kind in KINDS if _BELOW[kind.name] for path in self.entries[kind.name]]

    def declare(self) -> Contract:
        """Read what is said of each object. Raises ContractError."""
        objects: dict[str, dict[ObjectPath, Declared]] = {}
        for kind in KINDS:
            read, schema = kind.read, self.schema
            declared: dict[ObjectPath, Declared] = {}
            objects[kind.name] = declared
            for path, (_, key, node, repair) in self.entries[kind.name].items():
                try:
                    absent = node is not key and node == ABSENT
                    declared[path] = Declared(key, node, None if absent else read(node, schema), repair)
                except (FragmentError, NodeError) as error:
                    raise refusal(self.file, self.source, error, _culprit(kind, key, node, schema, error)) from None
        invariants, trace = self._of_rows() if self.promises is not None or self.story is not None else ((), None)
        return Contract(
            file=self.file,
            schema=self.schema,
            objects=objects,
            rules=self.rules,
            waivers=self.waivers,
            invariants=invariants,
            trace=trace,
        )

    def _of_rows(self) -> tuple[tuple[Invariant, ...], Trace | None]:
        from sessionaudit.contract import invariants, trace  # noqa: PLC0415 - not every contract has them

        try:
            found = () if self.promises is None else invariants.read(self.promises, self.schema, self.file)
            names = [one.name for one in found]
            return found, None if self.story is None else trace.read(self.story, self.schema, self.file, names)
        except NodeError as error:
            raise refusal(self.file, self.source, error, error.node) from None


def load(path: Path) -> Contract:
    """Read a contract whole. Raises ContractError."""
    return outline(document.read(path), str(path)).declare()


def outline(source: str, file: str) -> Outline:
    """Find the names in the text of a contract. Raises ContractError."""
    root = document.compose(source, file)
    try:
        return _outline(root, file, source)
    except NodeError as error:
        raise refusal(file, source, error, root) from None


def _outline(root: Mapping, file: str, source: str) -> Outline:
    known_keys(root, (*SETTINGS, *(section for section, _ in _TOP)), "a contract")
    settings = {str(key): value for key, value in root.items()}
    if settings.get("version") != "1":
        said = settings.get("version")
        if said is None:
            raise NodeError("a contract begins with “version: 1”, which is missing here", root)
        raise NodeError(f"expected version 1, found {described(said)}", said, "This program reads “version: 1”.")
    schema = str(name(text(settings["schema"], "a schema"))) if "schema" in settings else "public"
    rules = dict(_rules(settings["rules"])) if "rules" in settings else {}
    waivers = tuple(_waivers(settings["waivers"], file)) if "waivers" in settings else ()
    entries: dict[str, dict[ObjectPath, Entry]] = {kind.name: {} for kind in KINDS}
    for section, kinds in _TOP:
        if section in settings:
            _collect(settings[section], kinds, Scope(schema), entries)
    if not any(entries.values()):
        raise NodeError("the contract names no object, so nothing could be checked", root)
    return Outline(
        file=file,
        source=source,
        schema=schema,
        entries=entries,
        rules=rules,
        waivers=waivers,
        promises=settings.get("invariants"),
        story=settings.get("trace"),
    )


def _collect(
    section: Node, kinds: tuple[Kind[Any], ...], scope: Scope, entries: dict[str, dict[ObjectPath, Entry]]
) -> None:
    try:
        for found in kinds[0].entries(section, scope):
            entry = _with_repair(found) if kinds[0].mended_by_rows and isinstance(found.node, Mapping) else found
            for kind in kinds if len(kinds) == 1 else _told_apart(entry, kinds):
                _note(entry, entries[kind.name])
                if _BELOW[kind.name] and isinstance(entry.node, Mapping):
                    _descend(kind, entry, scope.schema, entries)
    except FragmentError as error:
        raise NodeError(str(error), _misspelled(section, kinds[0], scope), error.hint, error.offset) from None


def _with_repair(entry: Entry) -> Entry:
    """An entry that is a mapping of a definition and the file that mends the rows in its way."""
    found = mapping(entry.node, "a definition, or a mapping with definition and repair")
    known_keys(found, ("definition", "repair"), "an object with a repair")
    fields = {str(key): value for key, value in found.items()}
    if "definition" not in fields:
        raise NodeError("an object with a repair needs a definition", found)
    repair = text(fields["repair"], "a file") if "repair" in fields else None
    return entry._replace(node=fields["definition"], repair=repair)


def _misspelled(section: Node, kind: Kind[Any], scope: Scope) -> Node:
    """The first key of a section that cannot be read as a name."""
    for key, value in section.items() if isinstance(section, Mapping) else ():
        try:
            list(kind.entries(Mapping({key: value}), scope))
        except FragmentError:
            return key
    return section


def _note(entry: Entry, known: dict[ObjectPath, Entry]) -> None:
    path = entry.path
    if path in known:
        first = known[path].key.line
        raise NodeError(f"{dotted(path)} is declared twice", entry.key, f"It stands in line {first} already.")
    for part in path if max(map(len, path)) * 4 > MOST_NAME_BYTES else ():
        if len(part.encode()) > MOST_NAME_BYTES and not part.startswith("("):
            raise NodeError(
                f"the name “{brief(part)}” is longer than the {MOST_NAME_BYTES} bytes that PostgreSQL keeps of one",
                entry.key,
            )
    known[path] = entry


def _descend(kind: Kind[Any], entry: Entry, schema: str, entries: dict[str, dict[ObjectPath, Entry]]) -> None:
    fields = mapping(entry.node, f"a {kind.name}")
    below = _BELOW[kind.name]
    known_keys(fields, (*kind.keys, *(section for section, _ in below)), f"a {kind.name}")
    sections = {str(key): value for key, value in fields.items()}
    for section, children in below:
        if section in sections:
            _collect(sections[section], children, Scope(schema, entry.path), entries)


def _told_apart(entry: Entry, kinds: tuple[Kind[Any], ...]) -> tuple[Kind[Any], ...]:
    definition = text(entry.node, "a definition")
    if definition == ABSENT:
        return kinds
    start = " ".join(definition[:40].lower().replace("(", " (").split())
    for kind in kinds:
        if start.startswith(kind.leads):
            return (kind,)
    if start.startswith("exclude"):
        raise NodeError("exclusion constraints are not compared yet", definition, "Leave it out of the contract.")
    leads = [lead for kind in kinds for lead in kind.leads]
    word = (definition.split(maxsplit=1) or ["nothing"])[0]
    raise NodeError(f"expected one of: {', '.join(leads)}; found “{brief(word)}”", definition, nearest(word, leads))


def _rules(node: Node) -> Iterator[tuple[str, Severity | None]]:
    levels = {"error": Severity.ERROR, "warning": Severity.WARNING, "note": Severity.NOTE, "ignore": None}
    for key, value in mapping(node, "a mapping of rules to severities").items():
        rule = find(key)
        if rule is None:
            raise _unknown_rule(key)
        yield rule.name, levels[one_of(value, levels)]


def _waivers(node: Node, file: str) -> Iterator[Waiver]:
    from datetime import date  # noqa: PLC0415 - few contracts have waivers

    globs = 0
    for item in sequence(node, "a list of waivers"):
        found = mapping(item, "a waiver: {rule, object, reason, owner, until}")
        known_keys(found, ("rule", "object", "reason", "owner", "until"), "a waiver")
        fields = {str(key): value for key, value in found.items()}
        for word in ("rule", "object", "reason", "until"):
            if word not in fields:
                raise NodeError(f"a waiver needs “{word}”", found)
        rule = find(text(fields["rule"], "a rule"))
        if rule is None:
            raise _unknown_rule(fields["rule"])
        try:
            until = date.fromisoformat(str(fields["until"]))
        except ValueError:
            found_ = described(fields["until"])
            raise NodeError(f"expected a day such as 2026-12-31, found {found_}", fields["until"]) from None
        object_ = text(fields["object"], "an object")
        globs += bool(_MAGIC.search(object_))
        if globs > MOST_GLOBS:  # each of them is tried on every finding
            raise NodeError(f"more than {MOST_GLOBS:,} waivers with a glob", object_, "Name the objects.")
        yield Waiver(
            rule=rule,
            object=str(object_),
            reason=str(text(fields["reason"], "a reason")),
            owner=str(text(fields["owner"], "a name")) if "owner" in fields else "",
            until=until,
            location=Location(file, found.line, found.column),
        )


def _unknown_rule(node: Node) -> NodeError:
    hint = nearest(str(node), RULES) or "List the rules with `sessionaudit rule`."
    return NodeError(f"unknown rule {described(node)}", node, hint)


def _culprit(kind: Kind[Any], key: Scalar, node: Node, schema: str, error: FragmentError | NodeError) -> Node:
    """The text that an error is about: the definition itself, or the field without which it would not be raised."""
    if not isinstance(node, Mapping):
        return node if isinstance(node, Scalar) else key
    for field, value in node.items():
        rest = Mapping((other, value) for other, value in node.items() if other is not field)
        rest.line, rest.column = node.line, node.column
        try:
            kind.read(rest, schema)
        except (FragmentError, NodeError) as other:
            if (str(other), other.offset) == (str(error), error.offset):
                continue
        return value
    return key


def refusal(file: str, source: str, error: FragmentError | NodeError, node: Node) -> ContractError:
    """The error that names the place in the file where a node or a part of its SQL is wrong."""
    if isinstance(error, NodeError):
        node = error.node
    line, column = node.line, node.column
    if error.offset is not None and isinstance(node, Scalar):
        line, column = document.place(source, node, error.offset)
    message = str(error)
    if len(message) > _LONGEST_MESSAGE:  # it quotes the contract, which may hold a name or a value of any length
        message = f"{message[:_LONGEST_MESSAGE]}…"
    return ContractError(message, location=Location(file, line, column), hint=error.hint[:_LONGEST_MESSAGE])

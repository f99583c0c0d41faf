"""Nodes to a contract, in two steps.

`outline` finds the names of all objects, which is what the catalog queries need; `Outline.declare`
reads what is said of them, which can be done while the server works.
"""

from __future__ import annotations

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
    known_keys,
    mapping,
    nearest,
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

    from sessionaudit.core.kind import ObjectPath

SETTINGS = ("version", "schema", "rules", "waivers")
Section = tuple[str, tuple[Kind[Any], ...]]


def _sections(within: str) -> tuple[Section, ...]:
    names = dict.fromkeys(kind.section for kind in KINDS if kind.within == within)
    return tuple(
        (name, tuple(kind for kind in KINDS if (kind.within, kind.section) == (within, name))) for name in names
    )


_TOP = _sections("")
_BELOW = {kind.name: _sections(kind.name) for kind in KINDS}


@dataclass(frozen=True, slots=True, kw_only=True)
class Outline:
    """The names in a contract, by kind and path, with what is said of each still unread."""

    file: str
    schema: str
    entries: dict[str, dict[ObjectPath, Entry]]
    rules: dict[str, Severity | None]
    waivers: tuple[Waiver, ...]

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
            for path, (_, key, node) in self.entries[kind.name].items():
                try:
                    absent = node is not key and node == ABSENT
                    declared[path] = Declared(key, node, None if absent else read(node, schema))
                except (FragmentError, NodeError) as error:
                    raise refusal(self.file, error, node if isinstance(node, Scalar) else key) from None
        return Contract(file=self.file, schema=self.schema, objects=objects, rules=self.rules, waivers=self.waivers)


def load(path: Path) -> Contract:
    """Read a contract whole. Raises ContractError."""
    return outline(path).declare()


def outline(path: Path) -> Outline:
    """Read the names in a contract. Raises ContractError."""
    root = document.read(path)
    file = str(path)
    try:
        return _outline(root, file)
    except NodeError as error:
        raise refusal(file, error, root) from None


def _outline(root: Mapping, file: str) -> Outline:
    known_keys(root, (*SETTINGS, *(name for name, _ in _TOP)), "a contract")
    settings = {str(key): value for key, value in root.items()}
    if settings.get("version") != "1":
        raise NodeError("a contract begins with “version: 1”", settings.get("version", root))
    schema = str(text(settings["schema"], "a schema")) if "schema" in settings else "public"
    rules = dict(_rules(settings["rules"])) if "rules" in settings else {}
    waivers = tuple(_waivers(settings["waivers"], file)) if "waivers" in settings else ()
    entries: dict[str, dict[ObjectPath, Entry]] = {kind.name: {} for kind in KINDS}
    for name, kinds in _TOP:
        if name in settings:
            _collect(settings[name], kinds, Scope(schema), entries, file)
    return Outline(file=file, schema=schema, entries=entries, rules=rules, waivers=waivers)


def _collect(
    section: Node, kinds: tuple[Kind[Any], ...], scope: Scope, entries: dict[str, dict[ObjectPath, Entry]], file: str
) -> None:
    place: Node = section
    try:
        for entry in kinds[0].entries(section, scope):
            place = entry.key
            for kind in kinds if len(kinds) == 1 else _told_apart(entry, kinds):
                _note(entry, entries[kind.name])
                if _BELOW[kind.name] and isinstance(entry.node, Mapping):
                    _descend(kind, entry, scope.schema, entries, file)
    except (FragmentError, NodeError) as error:
        raise refusal(file, error, place) from None


def _note(entry: Entry, known: dict[ObjectPath, Entry]) -> None:
    if entry.path in known:
        raise NodeError(f"{dotted(entry.path)} is declared twice", entry.key)
    known[entry.path] = entry


def _descend(
    kind: Kind[Any], entry: Entry, schema: str, entries: dict[str, dict[ObjectPath, Entry]], file: str
) -> None:
    fields = mapping(entry.node, f"a {kind.name}")
    below = _BELOW[kind.name]
    known_keys(fields, (*kind.keys, *(name for name, _ in below)), f"a {kind.name}")
    sections = {str(key): value for key, value in fields.items()}
    for name, children in below:
        if name in sections:
            _collect(sections[name], children, Scope(schema, entry.path), entries, file)


def _told_apart(entry: Entry, kinds: tuple[Kind[Any], ...]) -> tuple[Kind[Any], ...]:
    definition = text(entry.node, "a definition")
    if definition == ABSENT:
        return kinds
    start = " ".join(definition[:40].lower().replace("(", " (").split())
    for kind in kinds:
        if start.startswith(kind.leads):
            return (kind,)
    leads = [lead for kind in kinds for lead in kind.leads]
    word = definition.split(maxsplit=1)[0]
    raise NodeError(f"expected one of: {', '.join(leads)}; found “{word}”", definition, nearest(word.lower(), leads))


def _rules(node: Node) -> Iterator[tuple[str, Severity | None]]:
    levels = {"error": Severity.ERROR, "warning": Severity.WARNING, "note": Severity.NOTE, "ignore": None}
    for key, value in mapping(node, "a mapping of rules to severities").items():
        rule = find(key)
        if rule is None:
            raise NodeError(f"unknown rule “{key}”", key, nearest(key, RULES))
        level = text(value, "error, warning, note or ignore")
        if level not in levels:
            raise NodeError(f"expected error, warning, note or ignore, found “{level}”", value, nearest(level, levels))
        yield rule.name, levels[level]


def _waivers(node: Node, file: str) -> Iterator[Waiver]:
    from datetime import date  # noqa: PLC0415 - few contracts have waivers

    for item in sequence(node, "a list of waivers"):
        found = mapping(item, "a waiver: {rule, object, reason, owner, until}")
        known_keys(found, ("rule", "object", "reason", "owner", "until"), "a waiver")
        fields = {str(key): value for key, value in found.items()}
        for word in ("rule", "object", "reason", "until"):
            if word not in fields:
                raise NodeError(f"a waiver needs “{word}”", found)
        rule = find(text(fields["rule"], "a rule"))
        if rule is None:
            raise NodeError(f"unknown rule “{fields['rule']}”", fields["rule"], nearest(str(fields["rule"]), RULES))
        try:
            until = date.fromisoformat(str(fields["until"]))
        except ValueError:
            raise NodeError("expected a day such as 2026-12-31", fields["until"]) from None
        yield Waiver(
            rule=rule,
            object=str(text(fields["object"], "an object")),
            reason=str(text(fields["reason"], "a reason")),
            owner=str(text(fields["owner"], "a name")) if "owner" in fields else "",
            until=until,
            location=Location(file, found.line, found.column),
        )


def refusal(file: str, error: FragmentError | NodeError, node: Node) -> ContractError:
    """The error that names the place in the file where a node or a part of its SQL is wrong."""
    if isinstance(error, NodeError):
        return ContractError(str(error), location=Location(file, error.node.line, error.node.column), hint=error.hint)
    return ContractError(str(error), location=_within(file, node, error.offset), hint=error.hint)


def _within(file: str, node: Node, offset: int) -> Location:
    if not isinstance(node, Scalar):
        return Location(file, node.line, node.column)
    if node.style in {"|", ">"}:
        return Location(file, node.line + 1 + node.count("\n", 0, offset))
    return Location(file, node.line, node.column + len(node.style) + offset)

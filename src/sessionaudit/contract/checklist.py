"""Read the `checklist:` section: sentences, and what proves each.

A proof names what the contract declares, as reports do: `column session_requests.metadata`, `invariant NAME`. Or it
names a rule or an audit that must find nothing: `rule missing-policy`, `code src/app/**`.
"""

from __future__ import annotations

import re
from collections import Counter
from fnmatch import translate
from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple

from sessionaudit.audits import AUDITS
from sessionaudit.core.checklist import ChecklistPoint, Proof
from sessionaudit.core.node import (
    IGNORE,
    Mapping,
    Node,
    NodeError,
    Scalar,
    brief,
    close,
    mapping,
    name,
    nearest,
    sequence,
    text,
)
from sessionaudit.core.place import place, where
from sessionaudit.core.ref import ObjectRef, dotted, spellings
from sessionaudit.kinds import KINDS, held_by
from sessionaudit.rulebook import RULES, audit_of, find

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from collections.abc import Mapping as MappingOf

    from sessionaudit.contract.problems import Problems
    from sessionaudit.core.finding import Rule
    from sessionaudit.core.kind import ObjectPath

_OBJECTS = AUDITS[0]  # the audit of what the kinds declare
_RULE, _ON, _PART = "rule", " on ", ": "
_WHAT = "what proves it, such as [column session_requests.metadata, invariant session_has_request]"
_MAGIC = re.compile(r"[*?[]")
_MOST_WORDS = 3  # of the name of a kind


class Provable(NamedTuple):
    """What a section declares and a proof can name: its reference, the audit that examines it, and its parts."""

    ref: ObjectRef
    audit: str
    parts: tuple[str, ...] = ()


class ChecklistReading(NamedTuple):
    """What the proofs of a checklist may name.

    `objects` are the declared ones by kind's name, `provable` what else is declared, by the word that stands before a
    name. `idle` are the audits for which the contract has nothing, with the section that it lacks. `off` are the rules
    that it switches off.
    """

    schema: str
    objects: MappingOf[str, Iterable[ObjectPath]]
    provable: MappingOf[str, tuple[Provable, ...]]
    idle: MappingOf[str, str]
    off: frozenset[str]
    problems: Problems


def read(node: Node, reading: ChecklistReading) -> tuple[ChecklistPoint, ...]:
    """Read the section; errors in a sentence are added to the problems. Raises NodeError."""
    return tuple(_points(node, reading))


def _points(node: Node, reading: ChecklistReading) -> Iterator[ChecklistPoint]:
    proofs = _Proofs(reading)
    for key, value in mapping(node, "a mapping of sentences to what proves them").items():
        with reading.problems.of(key):
            if not name(key).strip():
                raise NodeError("expected a sentence, found nothing", key)
            items = sequence(value, _WHAT)
            if not items:
                hint = "A sentence that nothing proves is never ticked: name what does, or leave it out."
                raise NodeError("nothing proves this sentence", items, hint)
            found: list[Proof] = []
            for item in items:
                with reading.problems.of(item):
                    found.append(proofs.read(*_said(item)))
            yield ChecklistPoint(sentence=str(key), location=where(key), proofs=tuple(found))


def _said(item: Node) -> tuple[Scalar, str]:
    """A proof, and the part that it names: YAML reads `journey NAME: STEP` without quotes as a mapping."""
    if isinstance(item, Mapping) and len(item) == 1:
        [(key, part)] = item.items()
        return key, str(text(part, "the name of a part"))
    said = text(item, "a proof, such as column session_requests.metadata")
    return said, ""


class _Proofs:
    """Reads proofs; what they may name is listed when it is first asked for."""

    def __init__(self, reading: ChecklistReading) -> None:
        self._reading = reading

    def read(self, said: Scalar, part: str) -> Proof:
        """Read one, of a part of what it names if there is one. Raises NodeError."""
        words = said.split()
        for count in range(min(_MOST_WORDS, len(words)), 0, -1):
            word = " ".join(words[:count]).lower().replace("_", " ")
            rest = said.strip().split(maxsplit=count)[count:]
            after = rest[0] if rest else ""
            if word in self._things and after:
                return self._object(said, word, after, part)
            if part:
                continue
            if count == 1 and word == _RULE:
                return self._by_rule(said, after)
            if count == 1 and word in AUDITS:
                return self._by_audit(said, word, after)
            if word in self._things:
                raise NodeError(f"expected the name of the {word} behind “{said.strip()}”", said, offset=len(said))
        known = {*self._things, _RULE, *AUDITS}
        near = (hint for count in (1, 2) if (hint := close(" ".join(words[:count]), known)))
        hint = next(near, "Begin with what it names: a kind of object, invariant, rule, or an audit, such as code.")
        raise NodeError(f"“{brief(said)}” does not name what proves the sentence", said, hint, offset=0)

    @cached_property
    def _things(self) -> dict[str, tuple[Provable, ...]]:
        """What can be named, by the word before its name: that of its kind, or of a section of several kinds."""
        found: dict[str, tuple[Provable, ...]] = {}
        shared = Counter(kind.section for kind in KINDS)
        for kind in KINDS:
            own = tuple(Provable(ObjectRef(kind.name, path), _OBJECTS) for path in self._reading.objects[kind.name])
            found[kind.name.replace("_", " ")] = own
            if shared[kind.section] > 1:  # such as constraint
                word = kind.section.removesuffix("s")
                found[word] = (*found.get(word, ()), *own)
        return {**found, **self._reading.provable}

    def _object(self, said: Scalar, word: str, named: str, part: str) -> Proof:
        things = self._named(word, named)
        if not things and _PART in named and not part:
            named, _, part = named.rpartition(_PART)
            things = self._named(word, named)
        if things and part and (parts := [known for one in things for known in one.parts]).count(part) == 0:
            hint = nearest(part, parts) or "It has no parts that a proof can name."
            raise NodeError(f"the {word} {named} has no part “{brief(part)}”", said, hint)
        if not things:
            names = {min(spellings(one.ref, self._reading.schema), key=len) for one in self._things[word]}
            hint = nearest(named, names) or "A proof names what the contract declares, or nobody would check it."
            raise NodeError(f"the contract declares no {word} {brief(named)}", said, hint, said.rindex(named))
        refs = dict.fromkeys(ref for one in things for ref in self._with_all_in(one.ref))
        return _proof(said, part, audit=things[0].audit, refs=tuple(refs))

    def _named(self, word: str, named: str) -> list[Provable]:
        """Find what is meant: the name as it is spelled, else as a glob."""
        spelled = [(one, self._spellings(one.ref)) for one in self._things[word]]
        exact = [one for one, names in spelled if named in names]
        if exact or not _MAGIC.search(named):
            return exact
        matches = re.compile(translate(named)).match
        return [one for one, names in spelled if any(map(matches, names))]

    def _spellings(self, ref: ObjectRef) -> set[str]:
        """The spellings of a name; a role may stand apart from what it has rights on: `session_requests anon`."""
        path, last = ref.path[:-1], ref.path[-1]
        apart = {dotted(path[start:]) + f" {last}" for start in {0, int(path[:1] == (self._reading.schema,))}}
        return {*spellings(ref, self._reading.schema), *(one for one in apart if path)}

    def _with_all_in(self, ref: ObjectRef) -> Iterator[ObjectRef]:
        """An object with all that the contract declares in or on it."""
        yield ref
        for kind in held_by(ref.kind):
            for path in self._reading.objects[kind.name]:
                if path[:-1] == ref.path:
                    yield from self._with_all_in(ObjectRef(kind.name, path))

    def _by_rule(self, said: Scalar, after: str) -> Proof:
        word, on, glob = f"{after} ".partition(_ON)
        rule = find(word.strip())
        if rule is None:
            offset = said.rindex(after) if after else len(said)
            hint = nearest(word.strip(), RULES) or "List the rules with `sessionaudit rule`."
            raise NodeError(f"unknown rule “{brief(word.strip())}”", said, hint, offset)
        if rule.name in self._reading.off:
            hint = "Nothing is found by it, so it proves nothing. Remove it there, or this proof."
            raise NodeError(
                f"the rule {rule.name} is switched off under “rules”", said, hint, said.rindex(word.strip())
            )
        glob = _glob(said, glob) if on else ""
        return _proof(said, audit=audit_of(rule) or "", rule=rule, glob=glob)

    def _by_audit(self, said: Scalar, word: str, glob: str) -> Proof:
        if section := self._reading.idle.get(word):
            hint = f"State what it examines, under “{section}:”."
            raise NodeError(f"the contract has nothing for the audit “{word}”", said, hint, offset=0)
        return _proof(said, audit=word, glob=_glob(said, glob) if glob else "")


def _glob(said: Scalar, glob: str) -> str:
    if not glob.strip():
        raise NodeError("expected the name of an object or of a file, or a glob", said, offset=len(said))
    return glob.strip()


def _proof(
    said: Scalar,
    part: str = "",
    *,
    audit: str,
    refs: tuple[ObjectRef, ...] = (),
    rule: Rule | None = None,
    glob: str = "",
) -> Proof:
    words = str(said).strip()
    shown = f"{words}{_PART}{part}" if part and not words.endswith(f"{_PART}{part}") else words
    return Proof(text=shown, location=place(said, 0), audit=audit, refs=refs, facet=part, rule=rule, glob=glob)


def switched_off(node: Node | None) -> frozenset[str]:
    """Return the names of the rules that a section `rules` switches off, whether or not all of it is valid."""
    found = node.items() if isinstance(node, Mapping) else ()
    return frozenset(rule.name for key, value in found if value == IGNORE and (rule := find(key)))

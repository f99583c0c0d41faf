"""What the server refuses of a contract: a slip of the contract's own, or what follows from something else.

A definition that the contract states is refused too where something that it names is missing, or is not yet as the
contract has it. Only that is drift; where nothing of what it names explains the refusal, the contract is wrong.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from sessionaudit.contract import document
from sessionaudit.core.finding import Finding, Location
from sessionaudit.core.node import Mapping, Node, Scalar
from sessionaudit.core.ref import ObjectRef, dotted
from sessionaudit.core.sql import UnclosedError, tokens, unquote
from sessionaudit.kinds import KINDS
from sessionaudit.rulebook import REFUSED

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Sequence

    from sessionaudit.contract.model import Contract, Declared
    from sessionaudit.deparse import Answer, Question
    from sessionaudit.errors import ContractError

_SYNTAX = "42601"
# The facets by which one object decides what may be said of it in another: a column's type, a type's values.
_OF_TYPES = frozenset({"type", "values", "returns"})
_WITHIN = {kind.name: kind.within for kind in KINDS}


def explained(
    question: Question, answer: Answer, contract: Contract, missing: Collection[ObjectRef], differing: Sequence[Finding]
) -> bool:
    """Whether what is missing, or is of another type, is why the server refuses the expected text."""
    if answer.state == _SYNTAX:
        return False
    if answer.unknown:  # a name that nothing has: only what is missing could bring it
        return any(_brings(ref, answer.unknown) for ref in missing)
    words = set(_words(question.texts[0]))
    if question.form.context is not None:  # the object is of a type itself, which the text must have
        words.add(question.ref.path[-1])
    table = question.ref.path[:-1]
    words |= {word for one in tuple(words) for word in _words_of((*table, one), contract)}
    retyped = (finding.ref for finding in differing if finding.facet in _OF_TYPES)
    return any(_named(ref, words, table) for ref in (*missing, *retyped))


def _brings(ref: ObjectRef, name: tuple[str, ...]) -> bool:
    """Whether an object is what a name means, or holds it; what stands in no schema brings names of its own."""
    if len(ref.path) == 1:
        return _WITHIN[ref.kind] == "" and (ref.kind != SCHEMA or ref.path[0] in name)
    return _own_name(ref) == name[-1]


def _named(ref: ObjectRef, words: set[str], table: tuple[str, ...]) -> bool:
    if len(ref.path) == 1:
        return ref.path[0] in words
    beside = not _WITHIN[ref.kind] or ref.path[: len(table)] == table or ref.path[1] in words
    return beside and _own_name(ref) in words


def _own_name(ref: ObjectRef) -> str:
    return ref.path[-2] if ref.path[-1].startswith("(") else ref.path[-1]


def _words_of(path: tuple[str, ...], contract: Contract) -> Iterator[str]:
    """The words of what the contract says of an object: a column's type is named by whoever names the column."""
    for kind in KINDS:
        entry = contract.objects[kind.name].get(path)
        if entry is not None and entry.value is not None:
            yield from _words(kind.show(entry.value))


def _words(text: str) -> Iterator[str]:
    try:
        yield from (unquote(token.text) for token in tokens(text) if token.sort in {"word", "quoted"})
    except UnclosedError:
        return


# Findings

_BROUGHT = ("42883", "42704")  # that a function, or a type and the like, is not known: an extension has no columns
SCHEMA = "schema"  # the kind of reference that a schema's finding has
_WITHIN[SCHEMA] = ""


def of_question(question: Question, answer: Answer, contract: Contract, entry: Declared) -> Finding:
    """The finding that the server refuses what the contract says."""
    facet = question.attribute.facet
    brought = answer.unknown and answer.state in _BROUGHT
    hint = " If an extension brings it, list that under extensions:." if brought else ""
    return finding(
        question.ref,
        facet,
        f"PostgreSQL refuses the {facet} of the {question.ref} as the contract has it: {answer.reason}. What the "
        f"database has could not be held against it.{hint}",
        place(question, answer, contract, entry),
        expected=question.attribute.show(question.expected),
        actual=question.attribute.show(question.actual),
    )


def of_error(ref: ObjectRef, facet: str, error: ContractError, location: Location | None, holder: str = "") -> Finding:
    """The finding that a part of the contract is not what it should be, in an error's words."""
    hint = f" {error.hint}" if error.hint else ""
    return finding(ref, facet, f"{error.message.rstrip('.')}.{hint}", error.location or location, holder=holder)


def finding(
    ref: ObjectRef,
    facet: str,
    message: str,
    location: Location | None,
    *,
    expected: str | None = None,
    actual: str | None = None,
    holder: str = "",
) -> Finding:
    """A finding about the contract itself, shown beside those on the object."""
    within = _WITHIN.get(ref.kind, "")
    return Finding(
        rule=REFUSED,
        severity=REFUSED.severity,
        ref=ref,
        facet=facet,
        expected=expected,
        actual=actual,
        message=message[0].upper() + message[1:],
        location=location,
        holder=holder or (dotted(ref.path[:-1]) if within else str(ref)),
    )


def place(question: Question, answer: Answer, contract: Contract, entry: Declared) -> Location:
    """Where in the contract stands what the server refuses: the character that it points at, if it does."""
    start = entry.location(contract.file, question.attribute.facet)
    text = question.texts[0]
    said = _said(entry.node, question.attribute.facet)
    if said is None or answer.offset < 0 or text not in said or not getattr(said, "file", ""):
        return start
    return Location(
        contract.file, *document.place(document.read(Path(said.file)), said, said.index(text) + answer.offset)
    )


def _said(node: Node, facet: str) -> Scalar | None:
    found = next((value for key, value in node.items() if key == facet), None) if isinstance(node, Mapping) else node
    return found if isinstance(found, Scalar) else None

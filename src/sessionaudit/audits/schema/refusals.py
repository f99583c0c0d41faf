"""Judge definitions that the server rejects: mistakes in the contract, or consequences of missing objects.

The server also rejects a correct definition if an object that it names is missing, or differs from the contract. That
is drift. If no object that it names explains the error, the contract is wrong.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sessionaudit.core import sqlstate
from sessionaudit.core.finding import Finding, Location, Skipped
from sessionaudit.core.node import Mapping, Node, Scalar
from sessionaudit.core.place import place
from sessionaudit.core.ref import ObjectRef, dotted
from sessionaudit.kinds import KINDS, SCHEMAS
from sessionaudit.rulebook import REFUSED
from sessionaudit.sql.text import UnclosedError, tokens, unquote

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Sequence

    from sessionaudit.contract.model import Contract, Declared
    from sessionaudit.core.kind import ObjectPath
    from sessionaudit.core.text_comparison import Answer, Question
    from sessionaudit.errors import ContractError

# The facets of an object on which the definitions of others depend: a column's type, a type's values.
_OF_TYPES = frozenset({"type", "values", "returns"})
# Those on which the definitions of objects depend that refer to it, whatever they name: the key of their parent.
_OF_PARENTS = frozenset({"partition_by"})
_BORROWED = {kind.name for kind in KINDS if kind.borrowed}
_KINDS = {kind.name: kind for kind in KINDS}
_HELD = {kind.name for kind in KINDS if kind.within}


def explained(
    question: Question, answer: Answer, contract: Contract, missing: Collection[ObjectRef], differing: Sequence[Finding]
) -> bool:
    """Whether a missing object, or one of another type, explains why the server rejects the expected text."""
    if answer.state == sqlstate.SYNTAX_ERROR:
        return False
    if answer.unknown:  # an unknown name: only a missing object could have it
        return any(brings(ref, answer.unknown) for ref in missing)
    refers = _KINDS[question.ref.kind].refers
    parents = frozenset(refers(question.expected)) if refers else frozenset[ObjectRef]()
    if any(one.facet in _OF_PARENTS and one.ref in parents for one in differing):
        return True
    text, table = question.texts[0], question.ref.path[:-1]
    # The type of the object itself may be the one that the text must have.
    own = () if question.form.context is None else question.ref.path[-1:]
    words = words_about(text, table, contract, own)
    return any(named(ref, words, table) for ref in missing) or retyped_among(words, table, differing)


def words_about(text: str, table: ObjectPath, contract: Contract, own: Iterable[str] = ()) -> set[str]:
    """Return the words of a text about a table, with those of the definitions of the objects that it names."""
    words = {*_words(text), *own}
    return words | {word for one in tuple(words) for word in _words_of((*table, one), contract)}


def retyped_among(words: set[str], table: ObjectPath, differing: Sequence[Finding]) -> bool:
    """Whether words name an object whose type, or result type, differs from the contract."""
    return any(named(one.ref, words, table) for one in differing if one.facet in _OF_TYPES)


def brings(ref: ObjectRef, name: tuple[str, ...]) -> bool:
    """Whether creating an object provides a name; an object outside of schemas may provide any name."""
    if ref.kind in _BORROWED:
        return False
    if len(ref.path) == 1:
        return ref.kind not in _HELD and (ref.kind != SCHEMA or ref.path[0] in name)
    # A message has the names of schema and object without quotes, so that a dot may be a part of either.
    return f".{'.'.join(name)}".endswith(f".{_own_name(ref)}")


def named(ref: ObjectRef, words: set[str], table: tuple[str, ...]) -> bool:
    """Whether words of a text about a table name an object."""
    if ref.kind in _BORROWED:
        return False
    if len(ref.path) == 1:
        return ref.path[0] in words
    beside = ref.kind not in _HELD or ref.path[: len(table)] == table or ref.path[1] in words
    return beside and _own_name(ref) in words


def _own_name(ref: ObjectRef) -> str:
    return ref.path[-2] if ref.path[-1].startswith("(") else ref.path[-1]


def _words_of(path: tuple[str, ...], contract: Contract) -> Iterator[str]:
    """Return the words of an object's definition: a text that names a column depends on its type too."""
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

_BROUGHT = (
    sqlstate.UNDEFINED_FUNCTION,
    sqlstate.UNDEFINED_OBJECT,
)  # unknown functions, types and the like: an extension has no columns
SCHEMA = SCHEMAS.name  # the kind in the reference of a finding on a schema


def undecided(question: Question, answer: Answer) -> str:
    """Return the sentence that it is not known whether two spellings mean the same, why, and what would help."""
    help_ = (
        f"To let the server decide: {answer.hint}"
        if answer.hint
        else "Write it as the server prints it, or let the server decide."
    )
    return (
        f"The {question.attribute.facet} of {question.ref} differs in spelling, and it is not known whether both mean "
        f"the same: {answer.reason}. {help_}"
    )


def barred(question: Question, answer: Answer) -> Skipped | None:
    """Return what could not be checked, if the role lacks a right by which it could be."""
    return (
        Skipped(f"{question.ref} ({question.attribute.facet})", answer.reason, answer.hint) if answer.barred else None
    )


def of_question(question: Question, answer: Answer, entry: Declared) -> Finding:
    """Build the finding that the server rejects a definition of the contract."""
    facet = question.attribute.facet
    brought = answer.unknown and answer.state in _BROUGHT
    meant = f" {answer.hint}" if answer.hint else ""
    hint = f"{meant} If an extension provides it, list that under extensions:." if brought else meant
    return finding(
        question.ref,
        facet,
        f"PostgreSQL rejects the {facet} of the {question.ref} as the contract states it: {answer.reason}. It could "
        f"not be compared with the database.{hint}",
        location(question, answer, entry),
        expected=question.attribute.show(question.expected),
        actual=question.attribute.show(question.actual),
        state=answer.state,
    )


def of_error(ref: ObjectRef, facet: str, error: ContractError, location: Location | None, holder: str = "") -> Finding:
    """Build the finding that a part of the contract is not valid, with the error's message."""
    hint = f" {error.hint}" if error.hint else ""
    message = f"{error.message.rstrip('.')}.{hint}"
    return finding(ref, facet, message, error.location or location, holder=holder, state=error.state)


def finding(
    ref: ObjectRef,
    facet: str,
    message: str,
    location: Location | None,
    *,
    expected: str | None = None,
    actual: str | None = None,
    holder: str = "",
    state: str = "",
) -> Finding:
    """Build a finding about the contract itself, shown with those on the object."""
    return Finding(
        rule=REFUSED,
        severity=REFUSED.severity,
        ref=ref,
        facet=facet,
        expected=expected,
        actual=actual,
        message=message[0].upper() + message[1:],
        locations=(location,) if location else (),
        holder=holder or (dotted(ref.path[:-1]) if ref.kind in _HELD else str(ref)),
        state=state,
    )


def location(question: Question, answer: Answer, entry: Declared) -> Location:
    """Return the position in the contract of a rejected text: the character that the error points at, if any."""
    start = entry.location(question.attribute.facet)
    text = question.texts[0]
    said = _said(entry.node, question.attribute.facet)
    if said is None or answer.offset < 0 or text not in said or not hasattr(said, "source"):
        return start
    return place(said, said.index(text) + answer.offset)


def facet_and_place(entry: Declared, words: Iterable[str]) -> tuple[str, Location]:
    """Find the key of an entry whose text contains one of the words ("" if it has no keys), and its location."""
    node = entry.node
    texts = [*node.items()] if isinstance(node, Mapping) else [("", node)]
    for word in words:
        for key, said in texts:
            if not isinstance(said, Scalar) or not hasattr(said, "source"):
                continue
            if (start := _start_of(word, said)) is not None:
                return str(key), place(said, start)
    return "", entry.location()


def _start_of(word: str, text: str) -> int | None:
    try:
        return next((one.start for one in tokens(text) if unquote(one.text) == word), None)
    except UnclosedError:
        return None


def _said(node: Node, facet: str) -> Scalar | None:
    found = next((value for key, value in node.items() if key == facet), None) if isinstance(node, Mapping) else node
    return found if isinstance(found, Scalar) else None

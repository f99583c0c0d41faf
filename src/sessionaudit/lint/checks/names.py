"""What the entries of a contract name: it must not be declared absent, and where a list is stated it must be there."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sessionaudit.core.node import close
from sessionaudit.core.ref import dotted
from sessionaudit.kinds.lint_rules import OF_ABSENT, UNDECLARED, UNDECLARED_PART
from sessionaudit.kinds.lints import lint_of
from sessionaudit.lint.finding_of import of_object
from sessionaudit.lint.stating import BY_NAME

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sessionaudit.contract.model import Declared
    from sessionaudit.core.finding import Finding
    from sessionaudit.core.lint import NamedObject
    from sessionaudit.core.ref import ObjectRef
    from sessionaudit.lint.stating import StatedContract


def found(stated: StatedContract) -> Iterator[Finding]:
    """Yield what is wrong with what entries name."""
    for kind, ref, entry in stated.objects():
        if not kind.within and (schema := stated.absent_schema(ref)) is not None:
            message = f"The {ref} is in the {schema}, which the contract declares absent."
            yield of_object(OF_ABSENT, ref, entry, message)
        if not kind.within:
            yield from _in_flawed_schema(stated, ref, entry)
        lint = lint_of(kind.name)
        needed = frozenset(kind.refers(entry.value) if kind.refers else ())
        told = set[object]()
        for named in lint.names(ref, entry.value, stated.contract.schema) if lint else ():
            cause = stated.absent(named) or named
            if cause not in told:
                told.add(cause)
                yield from _of_name(stated, ref, entry, named, needed=not needed.isdisjoint(named.refs))


def _in_flawed_schema(stated: StatedContract, ref: ObjectRef, entry: Declared) -> Iterator[Finding]:
    """Yield an object in a schema that cannot be; where the contract declares the schema, that is found itself."""
    schema = stated.schema_of(ref)
    lint = lint_of(schema.kind) if schema else None
    if schema and lint and stated.models[schema.kind].get(schema.path) is None:
        for flaw in lint.flaws(schema, None, stated.models, stated.contract.schema):
            yield of_object(flaw.rule, ref, entry, f"The {ref} is in a schema that cannot be. {flaw.message}")


def unknown(stated: StatedContract) -> Iterator[ObjectRef]:
    """Yield the objects that name one of which the contract says nothing: only a database tells whether it is there."""
    for kind, ref, entry in stated.objects():
        lint = lint_of(kind.name)
        for named in lint.names(ref, entry.value, stated.contract.schema) if lint else ():
            part = bool(BY_NAME[named.refs[0].kind].within)
            if not part and not stated.declares_any(named) and stated.absent(named) is None:
                yield ref
                break


def _of_name(
    stated: StatedContract, ref: ObjectRef, entry: Declared, named: NamedObject, *, needed: bool
) -> Iterator[Finding]:
    if (absent := stated.absent(named)) is not None:
        what = named.refs[0] if len(named.refs) == 1 else absent
        message = (
            f"The {ref} names the {absent}, which the contract declares absent."
            if absent.path == what.path
            else f"The {ref} names {dotted(named.refs[0].path)}, and the contract declares the {absent} absent."
        )
        yield of_object(OF_ABSENT, ref, entry, message, words=(named.name,))
    elif not stated.declares_any(named):
        yield from _undeclared(stated, ref, entry, named, needed=needed)


def _undeclared(
    stated: StatedContract, ref: ObjectRef, entry: Declared, named: NamedObject, *, needed: bool
) -> Iterator[Finding]:
    path = named.refs[0].path
    if BY_NAME[named.refs[0].kind].within:
        listed = stated.list_without(named.refs[0])
        if listed is None or any(stated.list_without(one) is None for one in named.refs):
            return
        hint = close(named.name, listed)
        section = BY_NAME[named.refs[0].kind].section
        message = (
            f"The {ref} names {named.name}, which is not among the {section} that the contract states of "
            f"{dotted(path[:-1])}.{f' {hint}' if hint else ''}"
        )
        yield of_object(UNDECLARED_PART, ref, entry, message, words=(named.name,))
        return
    hint = close(named.name, set(stated.names_like(named)) - {named.name})
    if needed or hint:
        message = f"The {ref} names {dotted(path)}, which the contract does not declare.{f' {hint}' if hint else ''}"
        yield of_object(UNDECLARED, ref, entry, message, words=(named.name,))

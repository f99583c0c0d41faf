"""Composite types."""

from __future__ import annotations

from functools import lru_cache
from typing import Any, ClassVar

from sessionaudit.core.compared import Compared
from sessionaudit.core.node import Node, text
from sessionaudit.kinds.common.naming import collation_name
from sessionaudit.kinds.common.stated_type import stated_type
from sessionaudit.sql.fragment import SERIALS, Fragment, canonical_type
from sessionaudit.sql.text import quoted


class TypeAttribute(Compared, frozen=True, kw_only=True):
    """An attribute of a composite type; of a real one, `whole_collation` is the collation with its schema."""

    aside: ClassVar = frozenset({"whole_collation"})

    name: str
    type: str
    collation: str = ""
    whole_collation: str = ""


class CompositeType(Compared, frozen=True, kw_only=True):
    """A composite type; of a real one, `printed` has its attributes as the server prints them."""

    aside: ClassVar = frozenset({"printed"})

    attributes: tuple[TypeAttribute, ...]
    printed: str = ""


@lru_cache(maxsize=4096)
def parse(definition: str, schema: str) -> CompositeType:
    """Read what follows the name in CREATE TYPE. Raises FragmentError."""
    fragment = Fragment(definition)
    fragment.expect("as")
    inner = fragment.inner()
    attributes: list[TypeAttribute] = []
    while not inner.done:
        again = inner.error("another name, for this one stands here twice")
        name = inner.name("the name of an attribute")
        if any(one.name == name for one in attributes):
            raise again
        wrong = inner.error("a type that is not “serial”")
        type_ = stated_type(inner, schema)
        if type_ in SERIALS:
            raise wrong
        collation = collation_name(inner) if inner.accept("collate") else ""
        attributes.append(TypeAttribute(name=name, type=type_, collation=collation))
        if not inner.done:
            hint = "Attributes have no constraints: a domain as the type has some." if not inner.peek(",") else ""
            if hint:
                raise inner.error("“collate”, “,” or “)”", hint)
            inner.expect(",")
            if inner.done:
                raise inner.error("the name of an attribute")
    fragment.end()
    return CompositeType(attributes=tuple(attributes))


def read(node: Node, schema: str) -> CompositeType:
    """Read an entry of `types:` that is composite."""
    return parse(text(node, "what follows the name in CREATE TYPE, such as: as (street text, zip text)"), schema)


def load(row: tuple[Any, ...], schema: str) -> CompositeType:
    """Make a CompositeType of a row of the catalog query."""
    names, types, collations, alone, printed = row
    attributes: list[TypeAttribute] = []
    for name, type_, collation, own in zip(names, types, collations, alone, strict=True):
        whole = collation and collation_name(Fragment(collation))
        attributes.append(
            TypeAttribute(
                name=name,
                type=canonical_type(type_, schema),
                collation=whole.removeprefix(f"{quoted(schema)}.") if own else whole,
                whole_collation=whole,
            )
        )
    return CompositeType(attributes=tuple(attributes), printed=printed or "")


def show(type_: CompositeType) -> str:
    """The type as the contract writes it."""
    return f"as ({', '.join(map(show_attribute, type_.attributes))})"


def show_attribute(attribute: TypeAttribute) -> str:
    """An attribute in the words of CREATE TYPE."""
    return f"{quoted(attribute.name)} {show_type(attribute)}"


def show_type(attribute: TypeAttribute) -> str:
    """An attribute's type, with its collation if it has one of its own."""
    return f"{attribute.type} collate {attribute.collation}" if attribute.collation else attribute.type


def names(type_: CompositeType) -> tuple[str, ...]:
    """The names of its attributes, in order."""
    return tuple(attribute.name for attribute in type_.attributes)

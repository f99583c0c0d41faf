"""Range types."""

from __future__ import annotations

from functools import lru_cache
from typing import Any, ClassVar

from sessionaudit.core.compared import Compared
from sessionaudit.core.node import Node, close, text
from sessionaudit.kinds.common.naming import collation_name
from sessionaudit.sql.fragment import Fragment, FragmentError, canonical_type, type_name
from sessionaudit.sql.text import quoted

# The options of CREATE TYPE … AS RANGE beside the subtype, each with the field that holds it.
OPTIONS = {
    "subtype_opclass": "opclass",
    "collation": "collation",
    "canonical": "canonical",
    "subtype_diff": "diff",
    "multirange_type_name": "multirange",
}


class RangeType(Compared, frozen=True, kw_only=True):
    """A range type; names without the contract's schema or PostgreSQL's own, "" for what is usual or not there.

    Of a real one, `printed` is the subtype as the server prints it.
    """

    aside: ClassVar = frozenset({"printed"})

    subtype: str
    opclass: str = ""
    collation: str = ""
    canonical: str = ""
    diff: str = ""
    multirange: str = ""
    printed: str = ""


@lru_cache(maxsize=4096)
def parse(definition: str, schema: str) -> RangeType:
    """Read what follows the name in CREATE TYPE. Raises FragmentError."""
    fragment = Fragment(definition)
    fragment.expect("as", "range")
    inner = fragment.inner()
    found: dict[str, str] = {}
    while not inner.done:
        known = ("subtype", *OPTIONS)
        wrong = inner.error(f"one of {', '.join(known)}, each once")
        word = inner.name("an option of the range")
        if word not in known or word in found:
            raise FragmentError(str(wrong), wrong.offset, close(word, known) if word not in known else "")
        inner.expect("=")
        found[word] = _value(inner, word, schema)
        if not inner.done:
            inner.expect(",")
    fragment.end()
    if "subtype" not in found:
        raise FragmentError("a range type needs a subtype", 0, "As in: as range (subtype = float8).")
    subtype = found.pop("subtype")
    return RangeType(subtype=subtype, **{OPTIONS[word]: value for word, value in found.items()})


def _value(fragment: Fragment, word: str, schema: str) -> str:
    if word == "subtype":
        return type_name(fragment, schema)
    if word == "collation":
        return collation_name(fragment)
    return _named(fragment.qualified(schema), schema)


def _named(path: tuple[str, str], schema: str) -> str:
    """A name without a schema that goes without saying."""
    return quoted(path[1]) if path[0] in {schema, "pg_catalog"} else f"{quoted(path[0])}.{quoted(path[1])}"


def read(node: Node, schema: str) -> RangeType:
    """Read an entry of `types:` that is a range."""
    return parse(text(node, "what follows the name in CREATE TYPE, such as: as range (subtype = float8)"), schema)


def load(row: tuple[Any, ...], schema: str) -> RangeType:
    """Make a RangeType of a row of the catalog query."""
    subtype, collation, *names = row
    opclass, canonical, diff, multirange = (_named((path[0], path[1]), schema) if path else "" for path in names)
    whole = collation and collation_name(Fragment(collation))
    return RangeType(
        subtype=canonical_type(subtype, schema),
        opclass=opclass,
        collation=whole.removeprefix(f"{quoted(schema)}."),
        canonical=canonical,
        diff=diff,
        multirange=multirange,
        printed=subtype,
    )


def show(type_: RangeType) -> str:
    """The type as the contract writes it."""
    return f"as range (subtype = {type_.subtype}{''.join(f', {one}' for one in options(type_))})"


def options(type_: RangeType) -> list[str]:
    """What is stated beside the subtype, in the words of CREATE TYPE."""
    values = ((word, str(getattr(type_, name))) for word, name in OPTIONS.items())
    return [f"{word} = {value}" for word, value in values if value]

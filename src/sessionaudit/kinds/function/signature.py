"""Signatures of functions: what names a function, and what its body may call its arguments."""

from __future__ import annotations

import re
from copy import copy
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

from msgspec import Struct

from sessionaudit.sql.fragment import BUILTIN_TYPES, Fragment, type_name
from sessionaudit.sql.text import quoted

if TYPE_CHECKING:
    from sessionaudit.core.kind import ObjectPath

_MODIFIER = re.compile(r"\([\d,]+\)|(?<=\binterval) [a-z ]+")
_FIRST_WORDS = ("double precision", "timestamp with", "time with", "character varying", "bit varying")
_ENDS = ((",",), (")",), ("default",), ("=",))


class Argument(Struct, frozen=True):
    """An argument as CREATE FUNCTION has it; what is left out is "".

    `mode` is in, out, inout or variadic, `type` as `format_type` spells it, `spelled` as it stood.
    """

    mode: str
    name: str
    type: str
    spelled: str
    default: str

    @property
    def given(self) -> bool:
        """Whether a call gives it; such arguments tell functions of one name apart."""
        return self.mode != "out"

    def __str__(self) -> str:
        parts = [self.mode, quoted(self.name) if self.name else "", self.spelled]
        parts.append(f"default {self.default}" if self.default else "")
        return " ".join(part for part in parts if part)


class Signature(NamedTuple):
    """The path that names a function, and its arguments as they stood: "" where only types did."""

    path: ObjectPath
    arguments: str


@lru_cache(maxsize=4096)
def signature(spelling: str, schema: str) -> Signature:
    """Read `name(arguments)`, of which no more than the types need be there. Raises FragmentError."""
    fragment = Fragment(spelling)
    owner, name = fragment.qualified(schema, "a function's name")
    whole = copy(fragment)
    if not fragment.peek("("):
        raise fragment.error(
            "“(”", f"A function is named with the types of its arguments: {quoted(name)}(), or (integer)."
        )
    fragment.expect("(")
    found = _arguments(fragment, schema)
    fragment.expect(")")
    fragment.end()
    more = any(argument.mode or argument.name or argument.default for argument in found)
    types = ", ".join(argument.type for argument in found if argument.given)
    return Signature((owner, name, f"({types})"), whole.parenthesised() if more else "")


@lru_cache(maxsize=4096)
def arguments(text: str, schema: str) -> tuple[Argument, ...]:
    """Read what stands between a signature's parentheses. Raises FragmentError."""
    fragment = Fragment(text)
    found = _arguments(fragment, schema)
    fragment.end()
    return found


def implied(text: str, schema: str) -> str:
    """What a function returns whose definition leaves RETURNS out, by its OUT and INOUT arguments; "" without any."""
    out = [one for one in arguments(text, schema) if one.mode in {"out", "inout"}]
    return "record" if len(out) > 1 else kept_type(Fragment(out[0].spelled), schema) if out else ""


def kept_type(fragment: Fragment, schema: str) -> str:
    """Take a type as far as PostgreSQL keeps it of a function: no lengths, and no fields of an interval."""
    kept = _MODIFIER.sub("", type_name(fragment, schema))
    return f"character{kept[6:]}" if kept in {"bpchar", "bpchar[]"} else kept


def _arguments(fragment: Fragment, schema: str) -> tuple[Argument, ...]:
    found: list[Argument] = []
    while not (fragment.done or fragment.peek(")")):
        if found and not fragment.accept(","):
            raise fragment.error("“,” or “)”")
        found.append(_argument(fragment, schema))
    return tuple(found)


def _argument(fragment: Fragment, schema: str) -> Argument:
    mode, name = _mode(fragment), ""
    type_, after = _type(fragment, schema)
    if not _ended(after):  # so the first word was no type, but a name before it
        name = fragment.name("an argument's name")
        mode = mode or _mode(fragment)
        type_, after = _type(fragment, schema)
    if not _ended(after):
        raise after.error("“,” or “)”")
    spelled = fragment.until(*_ENDS, what="a type")
    given = fragment.accept("default") or fragment.accept("=")
    return Argument(mode, name, type_, spelled, fragment.until((",",), (")",)) if given else "")


def _mode(fragment: Fragment) -> str:
    if fragment.accept("in", "out"):
        return "inout"
    return next((word for word in ("inout", "in", "out", "variadic") if fragment.accept(word)), "")


def _ended(fragment: Fragment) -> bool:
    return fragment.done or any(fragment.peek(*end) for end in _ENDS)


def _type(fragment: Fragment, schema: str) -> tuple[str, Fragment]:
    """The type that comes next as `format_type` spells it where nothing is in the search path, and what follows it."""
    after = copy(fragment)
    kind = kept_type(after, "")
    base = kind.removesuffix("[]")
    if base in BUILTIN_TYPES or base in {'"char"', '"any"'} or base.startswith(_FIRST_WORDS):
        return kind, after
    owner, _ = Fragment(base).qualified("")
    return kind if owner else f"{quoted(schema)}.{kind}", after

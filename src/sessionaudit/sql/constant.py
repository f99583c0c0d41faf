"""Handle constants in expression trees, and casts that do not change them."""

from __future__ import annotations

import re
from typing import Any

from sessionaudit.sql.text import canonical_json

Tree = tuple[Any, ...]

# Text types without a length, and arrays of them. They do not change a constant, except bpchar: a cast to another type
# removes its trailing blanks.
_TEXTS = frozenset({"text", "character varying", "bpchar"})
_LISTS_OF_TEXTS = frozenset({"text[]", "character varying[]"})


def literal(tree: Tree) -> bool:
    """Whether a tree is a literal without a type."""
    return tree[0] in {"string", "number"} or (tree[0] == "neg" and tree[1][0] == "number")


def constant(tree: Tree) -> bool:
    """Whether a tree is a literal, with or without a type."""
    return literal(tree) or (tree[0] == "cast" and constant(tree[1]))


def typed(inner: Tree, type_: str) -> Tree:
    """Return a cast, or only the constant if PostgreSQL prints it without a cast."""
    if inner[0] == "array" and type_.endswith("[]") and inner[1:] and all(map(constant, inner[1:])):
        return ("array", *(typed(item, type_[:-2]) for item in inner[1:]))
    digits = inner[1] if inner[0] == "number" else inner[1][1] if literal(inner) and inner[0] == "neg" else ""
    bare = "numeric" if "." in digits else "integer" if digits and _plain(digits, "integer") else ""
    if type_ in {bare, inner[2] if inner[0] == "cast" and "(" not in type_ and type_[:8] != "interval" else ""}:
        return inner  # it has that type already
    if inner[0] == "cast" and (kept := kept_text(inner, type_)) is not None:
        inner = kept
    if inner[0] == "string":
        if type_ == "jsonb":
            return ("cast", ("json", canonical_json(inner[1])), type_)
        if (type_ in {"integer", "bigint"} and _plain(inner[1], type_)) or (
            type_ == "numeric" and re.fullmatch(r"-?(0|[1-9]\d*)\.\d+", inner[1], re.ASCII)
        ):
            number = ("number", inner[1].removeprefix("-"))
            return ("neg", number) if inner[1].startswith("-") else number
    return ("cast", inner, type_)


def kept_text(tree: Tree, type_: str) -> Tree | None:
    """Return a text constant cast to a type, without the type it had; None if the result is not certain."""
    bare, own = (tree[1], tree[2]) if tree[0] == "cast" else (tree, type_)
    if bare == ("name", "null") and {own, type_} <= _TEXTS:
        return bare
    if bare[0] != "string" or not ({own, type_} <= _TEXTS or {own, type_} <= _LISTS_OF_TEXTS):
        return None
    return ("string", bare[1].rstrip(" ")) if own == "bpchar" != type_ else bare


def _plain(digits: str, type_: str) -> bool:
    """Whether bare digits have this type: integer if they fit, else bigint."""
    if not re.fullmatch(r"0|-?[1-9]\d{0,18}", digits, re.ASCII):
        return False
    small = -(2**31) <= int(digits) < 2**31
    return small if type_ == "integer" else not small and -(2**63) <= int(digits) < 2**63
